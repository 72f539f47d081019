"""Bundles: what is read, what is assumed, what is refused before it runs."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from logo_classifier.decision.routing import RoutingPolicy
from logo_classifier.errors import ModelUnavailable
from logo_classifier.network.bundle import load_bundle
from logo_classifier.values import LogoType, Method, Trait
from tests.logo_classifier.network.networks import (
    SIDE_PX,
    describe,
    write_bundle,
    write_uint8_network,
)

FITTED: dict[str, Any] = {
    "neural_network": {
        "temperature": 1.5,
        "set_thresholds": {"simple": 0.1, "text": 0.1, "gradient": 0.1, "complex": 0.1},
    },
    "ensemble": {
        "temperature": 0.8,
        "set_thresholds": {"simple": 0.2, "text": 0.2, "gradient": 0.2, "complex": 0.2},
    },
}
POLICY = {"confident": 0.9, "rule_weight": 0.35, "rules_complexity": 0.07}
TYPES = [kind.value for kind in LogoType]
TRAITS = [trait.value for trait in Trait]


def test_a_folder_is_read_as_described(tmp_path: Path) -> None:
    folder = write_bundle(tmp_path, architecture="mean-colour")

    bundle = load_bundle(folder)

    assert (bundle.name, bundle.version, bundle.runtime) == ("tiny", "0.1.0", "onnx")
    assert bundle.architecture == "mean-colour"
    assert bundle.weights == folder / "model.onnx"
    assert bundle.sha256 == hashlib.sha256(bundle.weights.read_bytes()).hexdigest()
    assert bundle.types == tuple(LogoType)
    assert bundle.traits == tuple(Trait)
    assert bundle.side_px == SIDE_PX


def test_a_folder_may_be_named_by_text(tmp_path: Path) -> None:
    assert load_bundle(str(write_bundle(tmp_path))).name == "tiny"


def test_a_graph_that_scales_pixels_itself_has_no_mean(tmp_path: Path) -> None:
    bundle = load_bundle(write_bundle(tmp_path))

    assert bundle.mean is None
    assert bundle.std is None


def test_the_mean_and_deviation_are_read(tmp_path: Path) -> None:
    scaling = {"side_px": 64, "mean": [0.1, 0.2, 0.3], "std": [0.4, 0.5, 0.6]}

    bundle = load_bundle(write_bundle(tmp_path, input=scaling))

    assert (bundle.mean, bundle.std) == ((0.1, 0.2, 0.3), (0.4, 0.5, 0.6))


def test_the_order_of_types_is_the_descriptions(tmp_path: Path) -> None:
    bundle = load_bundle(write_bundle(tmp_path, types=TYPES[::-1]))

    assert bundle.types == tuple(LogoType)[::-1]


def test_a_description_without_digest_is_trusted(tmp_path: Path) -> None:
    assert load_bundle(write_bundle(tmp_path, sha256=None)).name == "tiny"


def test_the_calibration_is_read_for_each_method(tmp_path: Path) -> None:
    bundle = load_bundle(write_bundle(tmp_path, calibration=FITTED))

    assert bundle.calibration[Method.NEURAL_NETWORK].temperature == 1.5
    assert bundle.calibration[Method.ENSEMBLE].set_thresholds[LogoType.TEXT] == 0.2


def test_the_policy_is_read_and_what_it_leaves_out_keeps_its_default(tmp_path: Path) -> None:
    bundle = load_bundle(write_bundle(tmp_path, policy=POLICY))

    assert bundle.policy == RoutingPolicy(confident=0.9, rule_weight=0.35, rules_complexity=0.07)


def test_the_rules_are_read_as_they_are(tmp_path: Path) -> None:
    assert load_bundle(write_bundle(tmp_path, rules={"version": "7"})).rules == {"version": "7"}


def test_a_bundle_without_calibration_serves_uncalibrated(tmp_path: Path) -> None:
    bundle = load_bundle(write_bundle(tmp_path))

    assert bundle.calibration == {}
    assert (bundle.rules, bundle.policy) == (None, None)


def test_bare_weights_serve_by_convention(tmp_path: Path) -> None:
    weights = write_uint8_network(tmp_path / "mine.onnx", [0, 0, 0, 0])

    bundle = load_bundle(weights)

    assert (bundle.name, bundle.version) == ("mine", "unversioned")
    assert (bundle.types, bundle.traits) == (tuple(LogoType), tuple(Trait))
    assert bundle.side_px == 224


def test_weights_take_the_description_beside_them_that_names_them(tmp_path: Path) -> None:
    folder = write_bundle(tmp_path, calibration=FITTED, policy=POLICY)

    bundle = load_bundle(folder / "model.onnx")

    assert (bundle.name, bundle.side_px) == ("tiny", SIDE_PX)
    assert bundle.policy == RoutingPolicy(**POLICY)


def test_a_description_of_other_weights_is_an_error_that_says_so(tmp_path: Path) -> None:
    write_bundle(tmp_path, calibration=FITTED, policy=POLICY, rules={"version": "7"})
    other = write_uint8_network(tmp_path / "other.onnx", [1, 0, 0, 0])

    said = r"beside other\.onnx describes 'model\.onnx': let its `weights` name other\.onnx"
    with pytest.raises(ModelUnavailable, match=said):
        load_bundle(other)


@pytest.mark.parametrize(
    ("name", "runtime"), [("a.onnx", "onnx"), ("a.pth", "torch"), ("a.pt", "torch")]
)
def test_the_ending_of_the_weights_chooses_the_runtime(
    tmp_path: Path, name: str, runtime: str
) -> None:
    weights = tmp_path / name
    weights.write_bytes(b"not looked into here")

    assert load_bundle(weights).runtime == runtime


def test_weights_other_than_those_described_are_refused(tmp_path: Path) -> None:
    folder = write_bundle(tmp_path)
    write_uint8_network(folder / "model.onnx", [9, 0, 0, 0, 0, 0, 0])

    with pytest.raises(ModelUnavailable, match=r"model\.onnx is not what config\.json names"):
        load_bundle(folder)


@pytest.mark.parametrize("missing", ["config.json", "model.onnx"])
def test_a_bundle_with_a_missing_file_is_refused(tmp_path: Path, missing: str) -> None:
    folder = write_bundle(tmp_path)
    (folder / missing).unlink()

    with pytest.raises(ModelUnavailable, match="cannot read the model: No such file"):
        load_bundle(folder)


@pytest.mark.parametrize("name", ["nowhere", "nowhere.onnx", "nowhere.pth"])
def test_a_path_to_nothing_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ModelUnavailable, match="cannot read the model"):
        load_bundle(tmp_path / name)


def test_a_refusal_does_not_tell_where_the_model_should_lie(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable) as caught:
        load_bundle(tmp_path / "nowhere.onnx")

    assert str(tmp_path) not in str(caught.value)


@pytest.mark.parametrize(
    "wrong",
    [
        {"types": TYPES[:3]},
        {"types": [*TYPES, "simple"]},
        {"types": ["simple", "text", "gradient", "photograph"]},
        {"types": ["simple", "text", "gradient", "gradient"]},
        {"types": None},
        {"traits": ["lettering", "gradient", "sparkle"]},
        {"traits": None},
        {"traits": TRAITS[:2]},
        {"traits": ["lettering", "lettering", "complex"]},
        {"input": {"side_px": 31}},
        {"input": {"side_px": 1025}},
        {"input": {"side_px": "wide"}},
        {"input": {"side_px": float("inf")}},
        {"input": {}},
        {"input": None},
        {"input": {"side_px": 32, "mean": [0.5, 0.5], "std": [0.5, 0.5, 0.5]}},
        {"input": {"side_px": 32, "mean": [0.5, 0.5, 0.5], "std": [0.5]}},
        {"input": {"side_px": 32, "mean": "abc", "std": "def"}},
        {"input": {"side_px": 32, "mean": 0.5, "std": 0.5}},
        {"input": {"side_px": 32, "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.0]}},
        {"weights": 7},
        {"weights": None},
    ],
)
def test_a_wrong_description_is_refused(tmp_path: Path, wrong: dict[str, Any]) -> None:
    folder = write_bundle(tmp_path, **wrong)

    with pytest.raises(ModelUnavailable, match="the model's description is wrong"):
        load_bundle(folder)


@pytest.mark.parametrize(
    ("named", "text"),
    [(named, text) for named in (".", "model.onnx") for text in ("", "{", "[]", "null", "\x00")]
    + [(".", "{}"), (".", "[" * 100_000)],
    ids=lambda value: value[:9] or "nothing",
)
def test_a_description_that_is_no_description_is_refused(
    tmp_path: Path, named: str, text: str
) -> None:
    folder = write_bundle(tmp_path)
    (folder / "config.json").write_text(text, "utf-8")

    with pytest.raises(ModelUnavailable, match="the model's description is wrong"):
        load_bundle(folder / named)


def test_a_description_in_another_encoding_is_refused(tmp_path: Path) -> None:
    folder = write_bundle(tmp_path)
    (folder / "config.json").write_bytes('{"name": "größe"}'.encode("latin-1"))

    with pytest.raises(ModelUnavailable, match="the model's description is wrong"):
        load_bundle(folder)


@pytest.mark.parametrize("name", ["model.bin", "model", "model.onnx.txt"])
def test_weights_of_another_kind_are_refused(tmp_path: Path, name: str) -> None:
    weights = tmp_path / name
    weights.write_bytes(b"weights")
    describe(tmp_path, weights)

    with pytest.raises(ModelUnavailable, match="weights end in one of"):
        load_bundle(tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        "null",
        "{}",
        json.dumps({**FITTED, "neural_network": {**FITTED["neural_network"], "temperature": 0}}),
        json.dumps({**FITTED, "neural_network": {"temperature": 1}}),
        json.dumps({**FITTED, "ensemble": "none"}),
    ],
)
def test_a_wrong_calibration_is_refused(tmp_path: Path, text: str) -> None:
    folder = write_bundle(tmp_path)
    (folder / "calibration.json").write_text(text, "utf-8")
    describe(folder, folder / "model.onnx")

    with pytest.raises(ModelUnavailable, match="the model's description is wrong"):
        load_bundle(folder)


@pytest.mark.parametrize(
    "wrong",
    [
        {"rule_weight": 1.1},
        {"rule_weight": -0.1},
        {"rule_weight": float("nan")},
        {"rule_weight": "much"},
        {"rules_complexity": 1.1},
        {"confident": 0.4},
        {"neural": 0.7},
        {"certain": 0.9},
        ["confident"],
    ],
)
def test_a_wrong_policy_is_refused(tmp_path: Path, wrong: Any) -> None:
    folder = write_bundle(tmp_path, policy=wrong)

    with pytest.raises(ModelUnavailable, match="the model's description is wrong"):
        load_bundle(folder)
