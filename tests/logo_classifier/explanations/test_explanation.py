"""Explanations of the answers of the whole classifier."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from logo_classifier import Caching, HybridClassifier, LogoType, Method
from logo_classifier.explanations.explanation import weigh_features
from logo_classifier.pictures.image import load_image
from logo_classifier.rules.features import extract_features, plan_features
from logo_classifier.rules.trees import RuleSet, classify_by_rules
from logo_classifier.values import Judgement

MODELS = Path(__file__).parents[3] / "models"
GOLDEN = sorted((MODELS / "golden").glob("*.png"))
CHANGING = ("processing_time", "timestamp", "cached")
Encode = Callable[..., bytes]


def lasting(answer: dict[str, Any]) -> dict[str, Any]:
    """Return an answer without its explanation and without what differs from time to time."""
    return {name: answer[name] for name in answer if name not in (*CHANGING, "explanation")}


@pytest.fixture(scope="module")
def vit() -> HybridClassifier:
    return HybridClassifier(MODELS / "logo-vit" / "1.0.0")


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_contributions_sum_to_the_score(path: Path, shipped_rules: RuleSet) -> None:
    image = load_image(path)
    features = extract_features(image, plan_features(shipped_rules.names, shipped_rules.side_px))
    verdict = classify_by_rules(features, shipped_rules)

    told = weigh_features(Judgement(features, verdict, image.facts), shipped_rules)

    listed = told["contributions"]
    summed = told["base"] + told["others"] + sum(each["contribution"] for each in listed)
    assert summed == pytest.approx(told["score"], abs=1e-5)
    assert told["logo_type"] == verdict.logo_type
    sizes = [abs(each["contribution"]) for each in listed]
    assert sizes == sorted(sizes, reverse=True)
    for each in listed:
        assert (each["value"] > each["limit"]) is (each["side"] == "above")
        assert each["value"] == features.values[each["name"]]


@pytest.mark.parametrize("method", ["auto", *Method])
def test_an_explanation_changes_no_answer(
    classifier: HybridClassifier, method: str, word: Image.Image, encode: Encode
) -> None:
    for picture in (encode(word), *(path.read_bytes() for path in GOLDEN[::4])):
        plain = classifier.classify(picture, method=method, include_features=True)
        explained = classifier.classify(
            picture, method=method, include_features=True, include_explanation=True
        )

        assert "explanation" not in plain
        assert lasting(explained) == lasting(plain)
        assert json.loads(json.dumps(explained["explanation"])) == explained["explanation"]


def test_what_the_rules_settled_has_no_map(
    classifier: HybridClassifier, word: Image.Image, encode: Encode
) -> None:
    answer = classifier.classify(encode(word), method="rule_based", include_explanation=True)

    told = answer["explanation"]
    assert told["network"]["maps"] == []
    assert "the network was not asked" in told["network"]["reason"]
    assert told["summary"].startswith(f"The answer is {answer['logo_type']}: ")


@pytest.mark.parametrize("method", ["neural_network", "ensemble"])
def test_what_the_network_judged_has_maps(
    classifier: HybridClassifier, method: str, fade: Image.Image, encode: Encode
) -> None:
    told = classifier.classify(encode(fade), method=method, include_explanation=True)

    maps = told["explanation"]["network"]["maps"]
    assert [each["title"] for each in maps[1:]] == ["lettering", "gradient", "complex"]
    first, second = maps[0]["title"].split(" rather than ")
    assert {first, second} <= set(LogoType)
    assert all(len(each["cells"]) == len(each["cells"][0]) == 6 for each in maps)


def test_a_network_with_other_last_layers_says_that_it_gives_no_map(
    vit: HybridClassifier, fade: Image.Image, encode: Encode
) -> None:
    told = vit.classify(encode(fade), method="neural_network", include_explanation=True)

    assert told["method_used"] == "neural_network"
    assert told["explanation"]["network"]["maps"] == []
    assert "give no exact map" in told["explanation"]["network"]["reason"]


def test_a_missing_network_is_said_to_have_given_no_answer(
    tmp_path: Path, word: Image.Image, encode: Encode
) -> None:
    without = HybridClassifier(tmp_path / "nothing.onnx")

    for picture in (encode(word), *(path.read_bytes() for path in GOLDEN)):
        answer = without.classify(picture, include_explanation=True)

        told = answer["explanation"]
        degraded = answer["routing_decision"]["tier"] == "degraded"
        assert told["network"]["maps"] == []
        assert (told["network"]["reason"] == "the network gave no answer") is degraded
        assert ("The network gave no answer" in told["summary"]) is degraded


@pytest.mark.parametrize("method", ["auto", "neural_network"])
def test_a_cached_answer_is_explained_too_and_stays_cached(
    method: str, fade: Image.Image, encode: Encode
) -> None:
    hybrid, picture = HybridClassifier(caching=Caching()), encode(fade)
    first = hybrid.classify(picture, method=method)
    assert hybrid.classify(picture, method=method)["cached"]

    explained = hybrid.classify(picture, method=method, include_explanation=True)

    assert lasting(explained)["logo_type"] == first["logo_type"]
    assert explained["explanation"]["summary"]
    assert not explained["cached"]
    again = hybrid.classify(picture, method=method)
    assert again["cached"]
    assert "explanation" not in again


def test_an_explained_answer_is_not_kept(fade: Image.Image, encode: Encode) -> None:
    hybrid, picture = HybridClassifier(), encode(fade)

    hybrid.classify(picture, include_explanation=True)

    assert not hybrid.classify(picture)["cached"]


def test_each_picture_of_a_batch_is_explained(
    classifier: HybridClassifier, encode: Encode, word: Image.Image, fade: Image.Image
) -> None:
    pictures = [encode(word), b"no picture", encode(fade), encode(word)]

    answers = classifier.classify_batch(pictures, method="ensemble", include_explanation=True)

    assert [("explanation" in answer, "error" in answer) for answer in answers] == [
        (True, False),
        (False, True),
        (True, False),
        (True, False),
    ]
    assert answers[0]["explanation"] == answers[3]["explanation"]
    assert answers[0]["explanation"] != answers[2]["explanation"]
