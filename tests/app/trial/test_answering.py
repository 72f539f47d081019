"""A candidate answers what is assigned to it, and its failures cost no answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.trial.answering import SplitAnswering
from logo_classifier import BadParameter, HybridClassifier, InvalidImage, Picture

CANDIDATE = Path("models/logo-type/1.5.0")


@pytest.fixture(scope="module")
def candidate() -> HybridClassifier:
    return HybridClassifier(CANDIDATE)


@pytest.fixture
def broken(tmp_path: Path) -> HybridClassifier:
    """Return a classifier without a network, which answers by rules where it is not asked for."""
    return HybridClassifier(tmp_path)


@pytest.fixture
def pictures(golden: dict[Path, str]) -> list[Picture]:
    return [Picture(path.read_bytes()) for path in sorted(golden)[:6]]


@pytest.fixture
def fallbacks() -> list[str]:
    return []


def versions(answers: list[dict[str, dict[str, str]]]) -> list[str]:
    return [answer["model"]["version"] for answer in answers]


def test_each_picture_is_answered_by_the_version_it_is_assigned_to(
    classifier: HybridClassifier,
    candidate: HybridClassifier,
    pictures: list[Picture],
    fallbacks: list[str],
) -> None:
    mine = {picture.sha256 for picture in pictures[::2]}
    split = SplitAnswering(classifier, candidate, lambda p: p.sha256 in mine, fallbacks.append)

    singly = versions([split.classify(picture) for picture in pictures])
    together = versions(split.classify_batch(pictures))

    assert singly == together == ["1.5.0", classifier.get_model_info()["version"]] * 3
    assert fallbacks == []


def test_what_is_remembered_is_of_the_version_that_is_assigned(
    classifier: HybridClassifier, candidate: HybridClassifier, pictures: list[Picture]
) -> None:
    split = SplitAnswering(classifier, candidate, lambda _: True, lambda _: None)
    split.classify(pictures[0])

    known = split.recall(pictures[0])

    assert known is not None
    assert versions([known]) == ["1.5.0"]


@pytest.mark.parametrize("method", ["neural_network", "ensemble"])
def test_the_serving_version_answers_where_the_candidate_fails(
    classifier: HybridClassifier,
    broken: HybridClassifier,
    pictures: list[Picture],
    fallbacks: list[str],
    method: str,
) -> None:
    split = SplitAnswering(classifier, broken, lambda _: True, fallbacks.append)

    answers = [split.classify(picture, None, method) for picture in pictures]
    answers += split.classify_batch(pictures, None, method)

    assert versions(answers) == [classifier.get_model_info()["version"]] * len(answers)
    assert fallbacks == ["model_unavailable"] * len(answers)


def test_no_answer_is_degraded_for_want_of_a_candidate(
    classifier: HybridClassifier,
    broken: HybridClassifier,
    pictures: list[Picture],
    fallbacks: list[str],
) -> None:
    split = SplitAnswering(classifier, broken, lambda _: True, fallbacks.append)

    answers = [split.classify(picture) for picture in pictures]
    answers += split.classify_batch(pictures)

    assert {answer["routing_decision"]["tier"] for answer in answers} <= {
        "rules_confident",
        "conditional",
        "neural",
        "ensemble",
    }
    assert len(fallbacks) == sum(version is not None for version in versions(answers))


def test_a_damaged_picture_is_refused_once_and_is_no_failure_of_the_candidate(
    classifier: HybridClassifier, candidate: HybridClassifier, fallbacks: list[str]
) -> None:
    split = SplitAnswering(classifier, candidate, lambda _: True, fallbacks.append)
    damaged = Picture(Path("models/golden/moon.png").read_bytes()[:300])

    with pytest.raises(InvalidImage):
        split.classify(damaged)
    (item,) = split.classify_batch([damaged])

    assert item["error"]["type"] == InvalidImage.kind
    assert fallbacks == []


def test_wrong_options_are_refused_as_ever(
    classifier: HybridClassifier, candidate: HybridClassifier, pictures: list[Picture]
) -> None:
    split = SplitAnswering(classifier, candidate, lambda _: True, lambda _: None)

    with pytest.raises(BadParameter):
        split.classify(pictures[0], None, "guess")
