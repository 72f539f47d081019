"""The library's face, with real networks of a few hundred bytes behind it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from logo_classifier import BadParameter, HybridClassifier, Limits, ModelUnavailable, RoutingPolicy
from logo_classifier.hybrid import CHUNK
from logo_classifier.rules.trees import read_rules
from tests.logo_classifier.network.networks import describe, write_bundle, write_uint8_network
from tests.logo_classifier.pipeline.pipelines import BLUE, GREEN, RED, draw

BIAS = (0.0, 1.0, 3.0, 0.5, -1.0, 2.0, 0.0)
"""Logits of a network that calls everything a gradient."""

UNSURE = RoutingPolicy(confident=2.0, conditional=2.0, neural=0.0)
"""A policy under which the network answers everything."""


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return write_bundle(tmp_path / "tiny", BIAS)


@pytest.fixture
def brittle(tmp_path: Path) -> Path:
    """Return a bundle that loads but finds no number for any picture that is not black."""
    folder = tmp_path / "brittle"
    folder.mkdir()
    describe(folder, write_uint8_network(folder / "model.onnx", BIAS, brittle=True))
    return folder


def test_a_network_that_is_named_serves(bundle: Path) -> None:
    classifier = HybridClassifier(bundle, policy=UNSURE)

    result = classifier.classify(draw())

    assert (result["logo_type"], result["method_used"]) == ("gradient", "neural_network")
    assert result["model"] == {"name": "tiny", "version": "0.1.0"}
    assert classifier.model_loaded
    info = classifier.get_model_info()
    assert (info["loaded"], info["error"], info["runtime"]) == (True, None, "onnx")
    assert (info["name"], info["version"], info["calibrated"]) == ("tiny", "0.1.0", False)


@pytest.mark.parametrize("kind", ["missing", "empty folder", "garbage", "another's weights"])
def test_a_network_that_does_not_load_leaves_the_rules_serving(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "model"
    if kind != "missing":
        path.mkdir()
    if kind == "garbage":
        path = path / "model.onnx"
        path.write_bytes(b"garbage")
    if kind == "another's weights":
        write_bundle(path, BIAS, sha256="0" * 64)

    classifier = HybridClassifier(path, policy=UNSURE)

    result = classifier.classify(draw())
    assert (result["routing_decision"]["tier"], result["method_used"]) == ("degraded", "rule_based")
    assert result["model"] == {"name": None, "version": None}
    info = classifier.get_model_info()
    assert (info["loaded"], classifier.model_loaded) == (False, False)
    assert result["routing_decision"]["reason"] == "the network cannot answer: it is not loaded"
    assert info["error"]
    with pytest.raises(ModelUnavailable, match="neural_network needs the network"):
        classifier.classify(draw(), method="neural_network")


def test_a_network_that_fails_on_a_picture_leaves_it_to_the_rules(brittle: Path) -> None:
    classifier = HybridClassifier(brittle, policy=UNSURE)

    result = classifier.classify(draw())

    assert classifier.model_loaded
    assert (result["routing_decision"]["tier"], result["method_used"]) == ("degraded", "rule_based")
    assert not classifier.classify(draw())["cached"]


def test_the_warm_up_measures_the_network(bundle: Path) -> None:
    classifier = HybridClassifier(bundle)

    classifier.warm_up()

    stats = classifier.get_performance_stats()
    assert stats["neural_seconds_median"] > 0
    assert stats["total_classifications"] == 0


@pytest.mark.parametrize(("rule_weight", "twin"), [(1.0, "rule_based"), (0.0, "neural_network")])
def test_the_weight_in_the_ensemble_comes_with_the_version(
    tmp_path: Path, rule_weight: float, twin: str
) -> None:
    policy = {"rule_weight": rule_weight}
    bundle = write_bundle(tmp_path, BIAS, rules=read_rules(), policy=policy)
    classifier = HybridClassifier(bundle)

    merged, alone = (classifier.classify(draw(), method=m) for m in ("ensemble", twin))

    assert merged["method_used"] == "ensemble"
    assert merged["probabilities"] == pytest.approx(alone["probabilities"], abs=2e-6)


@pytest.mark.parametrize("method", ["rule_based", "neural_network", "ensemble"])
def test_a_method_asked_for_answers(bundle: Path, method: str) -> None:
    result = HybridClassifier(bundle).classify(draw(), method=method)

    assert result["method_used"] == result["routing_decision"]["method"] == method
    assert result["routing_decision"]["tier"] == "requested"


@pytest.mark.parametrize(
    "options",
    [
        {"method": "magic"},
        {"time_budget": 0},
        {"time_budget": -1.0},
        {"time_budget": 61},
        {"time_budget": float("nan")},
        {"time_budget": "1"},
    ],
)
def test_a_wrong_option_is_refused_before_the_picture_is_read(
    bundle: Path, options: dict[str, Any]
) -> None:
    classifier = HybridClassifier(bundle)
    file = BytesIO(draw())

    with pytest.raises(BadParameter):
        classifier.classify(file, **options)

    assert file.tell() == 0
    assert classifier.classify_safe(file, **options)["error"]["type"] == "bad_parameter"


def test_a_batch_refuses_wrong_options_as_a_whole(bundle: Path) -> None:
    with pytest.raises(BadParameter):
        HybridClassifier(bundle).classify_batch([], time_budget_per_image=-1.0)


def bad_source(kind: str) -> Any:
    tiny = BytesIO()
    Image.new("RGB", (9, 40)).save(tiny, "PNG")
    closed = BytesIO(draw())
    closed.close()
    sources = {
        "image_not_found": "missing.png",
        "image_too_large": draw() + bytes(10_000),
        "bad_dimensions": tiny.getvalue(),
        "invalid_image": draw()[:60],
        "unsupported_format": b"plain text",
        "invalid_input: no picture": 7,
        "invalid_input: text mode": StringIO("text"),
        "invalid_input: closed": closed,
    }
    return sources[kind]


@pytest.mark.parametrize(
    "kind",
    [
        "image_not_found",
        "image_too_large",
        "bad_dimensions",
        "invalid_image",
        "unsupported_format",
        "invalid_input: no picture",
        "invalid_input: text mode",
        "invalid_input: closed",
    ],
)
def test_a_bad_picture_spoils_nothing_beside_it(bundle: Path, kind: str) -> None:
    classifier = HybridClassifier(bundle, limits=Limits(max_bytes=5_000), policy=UNSURE)

    first, second, third = classifier.classify_batch([bad_source(kind), draw(), bad_source(kind)])

    assert first == third
    assert list(first) == ["error"]
    assert first["error"]["type"] == kind.partition(":")[0]
    assert first["error"]["message"]
    assert second["logo_type"] == "gradient"


def test_a_batch_of_any_length_is_worked_off_in_bounded_chunks(bundle: Path) -> None:
    classifier = HybridClassifier(bundle)
    done_before: list[int] = []

    def sources() -> Iterator[bytes]:
        for index in range(2 * CHUNK + 3):
            done_before.append(classifier.get_performance_stats()["total_classifications"])
            yield draw((index, 0, 0))

    batch = classifier.classify_batch(sources())

    assert done_before == [0] * CHUNK + [CHUNK] * CHUNK + [2 * CHUNK] * 3
    digests = [result["image"]["sha256"] for result in batch]
    assert digests == [sha256(draw((index, 0, 0))).hexdigest() for index in range(2 * CHUNK + 3)]


def test_a_batch_says_what_single_calls_say(bundle: Path) -> None:
    pictures = [draw(RED), draw(GREEN, (90, 12)), draw(BLUE)]
    one_by_one = HybridClassifier(bundle, enable_caching=False)

    batch = HybridClassifier(bundle).classify_batch(pictures, time_budget_per_image=60.0)

    alone = [one_by_one.classify(picture) for picture in pictures]
    same = ("logo_type", "confidence", "method_used", "routing_decision", "features", "image")
    assert [[r[key] for key in same] for r in batch] == [[r[key] for key in same] for r in alone]


def test_threads_share_one_classifier_and_agree(bundle: Path) -> None:
    classifier = HybridClassifier(bundle, policy=UNSURE)
    pictures = [draw((level, 90, 200 - level)) for level in range(0, 200, 20)]
    expected = [
        timeless(r) for r in HybridClassifier(bundle, policy=UNSURE).classify_batch(pictures)
    ]

    def work(_: int) -> list[dict[str, Any]]:
        return [timeless(classifier.classify(picture)) for picture in pictures]

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(work, range(16)))

    assert all(answer == expected for answer in answers)
    stats = classifier.get_performance_stats()
    assert stats["total_classifications"] == 16 * len(pictures)
    assert classifier.get_memory_usage()["cached_results"] == len(pictures)


def timeless(result: dict[str, Any]) -> dict[str, Any]:
    """Return what two answers about the same picture have in common."""
    return {k: v for k, v in result.items() if k not in ("processing_time", "timestamp", "cached")}
