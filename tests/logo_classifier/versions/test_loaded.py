"""A model version is one thing: what was not fitted together does not pass for calibrated."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from logo_classifier import HybridClassifier, RoutingPolicy
from logo_classifier.rules.trees import read_rules
from logo_classifier.versions.loaded import load_version
from tests.logo_classifier.network.networks import write_bundle
from tests.logo_classifier.pipeline.pipelines import draw

THRESHOLDS = dict.fromkeys(("simple", "text", "gradient", "complex"), 0.1)
METHOD = {"temperature": 2.0, "set_thresholds": THRESHOLDS}
CALIBRATION = {"neural_network": METHOD, "ensemble": METHOD}
POLICY = {"confident": 0.9, "rule_weight": 0.35}
BIAS = (0.0, 1.0, 3.0, 0.5, -1.0, 2.0, 0.0)


def other_rules(**changes: Any) -> dict[str, Any]:
    """Return the shipped rules under another version, changed."""
    return {**read_rules(), "version": "other", **changes}


def calibration_applied(classifier: HybridClassifier) -> dict[str, bool]:
    methods = ("rule_based", "neural_network", "ensemble")
    return {
        method: classifier.classify(draw(), method=method)["calibration_applied"]
        for method in methods
    }


def test_a_whole_version_serves_with_its_own_rules_calibration_and_policy(tmp_path: Path) -> None:
    parts = {"rules": other_rules(), "calibration": CALIBRATION, "policy": POLICY}
    loaded = load_version(write_bundle(tmp_path, BIAS, **parts))

    assert loaded.rules.version == "other"
    assert loaded.policy == RoutingPolicy(confident=0.9, rule_weight=0.35)
    assert loaded.calibrated
    assert set(calibration_applied(HybridClassifier(tmp_path)).values()) == {True}


def test_a_version_without_rules_gets_the_librarys_and_its_ensemble_is_not_calibrated(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write_bundle(tmp_path, BIAS, calibration=CALIBRATION, policy=POLICY)

    classifier = HybridClassifier(tmp_path)

    assert classifier.get_model_info()["rules_version"] == read_rules()["version"]
    assert classifier.get_model_info()["calibrated"] is False
    assert calibration_applied(classifier) == {
        "rule_based": True,
        "neural_network": True,
        "ensemble": False,
    }
    assert load_version(tmp_path).policy == RoutingPolicy()
    assert "has no rules of its own" in caplog.text


def test_what_is_held_unsettled_follows_the_policy(tmp_path: Path) -> None:
    rules = other_rules()
    rules["calibration"] = {**rules["calibration"], "settled_from": 1.0}
    write_bundle(tmp_path, BIAS, rules=rules, policy={"confident": 0.7, "conditional": 0.65})

    result = HybridClassifier(tmp_path).classify(draw(), method="rule_based")

    assert RoutingPolicy(confident=0.7).unsettled_ceiling == 0.69
    assert result["confidence"] <= 0.69 < result["raw_confidence"]


@pytest.mark.parametrize(
    ("confident", "ceiling"), [(0.85, 0.84), (0.6, 0.59), (0.3, 0.5), (1.0, 0.99), (2.0, 1.0)]
)
def test_the_ceiling_is_just_under_the_routers_threshold_and_never_lets_another_type_win(
    confident: float, ceiling: float
) -> None:
    policy = RoutingPolicy(confident=confident, conditional=0.2, neural=0.1)

    assert policy.unsettled_ceiling == ceiling


def without(name: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda rules: {key: value for key, value in rules.items() if key != name}


DAMAGES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "no trees": without("trees"),
    "no calibration": without("calibration"),
    "no version": without("version"),
    "no rules at all": lambda _: {},
    "a list": lambda _: [],
    "an unknown feature": lambda rules: {**rules, "features": ["sparkle", *rules["features"][1:]]},
    "too few features": lambda rules: {**rules, "features": rules["features"][:3]},
    "no tree": lambda rules: {**rules, "trees": []},
    "ragged trees": lambda rules: {
        **rules,
        "trees": [*rules["trees"][:5], {**rules["trees"][5], "limit": [0.5]}],
    },
    "half a tree": lambda rules: {
        **rules,
        "trees": [{**tree, "value": tree["value"][:9]} for tree in rules["trees"]],
    },
    "answers that overflow": lambda rules: {
        **rules,
        "trees": [{**tree, "value": [1e308] * len(tree["value"])} for tree in rules["trees"]],
    },
    "a feature between two": lambda rules: {
        **rules,
        "trees": [{**tree, "feature": [1.9] * len(tree["feature"])} for tree in rules["trees"]],
    },
    "a temperature next to nothing": lambda rules: {
        **rules,
        "calibration": {**rules["calibration"], "temperature": 5e-324},
    },
    "settled from nothing": lambda rules: {
        **rules,
        "calibration": {**rules["calibration"], "settled_from": float("nan")},
    },
    "an unknown output": lambda rules: {
        **rules,
        "trees": [{**rules["trees"][0], "output": "photo"}],
    },
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_version_with_damaged_rules_is_refused_and_the_librarys_rules_serve(
    tmp_path: Path, damage: Callable[[dict[str, Any]], Any]
) -> None:
    write_bundle(tmp_path, BIAS, rules=damage(other_rules()))

    classifier = HybridClassifier(tmp_path)

    info = classifier.get_model_info()
    assert info["loaded"] is False
    assert "rules" in info["error"]
    assert info["rules_version"] == read_rules()["version"]
    assert classifier.classify(draw())["method_used"] == "rule_based"


@pytest.mark.parametrize("part", ["rules.json", "calibration.json", "policy.json", "model.onnx"])
@pytest.mark.parametrize("kind", ["folder", "dangling link", "link to itself"])
@pytest.mark.parametrize("digests", [True, False])
def test_a_part_that_is_no_file_never_passes_for_one_that_is_missing(
    tmp_path: Path, part: str, kind: str, digests: bool
) -> None:
    parts = {"rules": other_rules(), "calibration": CALIBRATION, "policy": POLICY}
    write_bundle(tmp_path, BIAS, **parts, **({} if digests else {"sha256": None}))
    (tmp_path / part).unlink()
    if kind == "folder":
        (tmp_path / part).mkdir()
    else:
        (tmp_path / part).symlink_to(part if kind == "link to itself" else "nowhere")

    info = HybridClassifier(tmp_path).get_model_info()

    assert info["loaded"] is False
    assert info["rules_version"] == read_rules()["version"]


@pytest.mark.parametrize("depth", [300, 600, 900, 950, 980, 2000, 100_000])
def test_rules_nested_too_deeply_end_nothing(tmp_path: Path, depth: int) -> None:
    write_bundle(tmp_path, BIAS, rules=other_rules(), sha256=None)
    rules = (tmp_path / "rules.json").read_text().rstrip()
    (tmp_path / "rules.json").write_text(f'{rules[:-1]}, "more": {"[" * depth}{"]" * depth}}}')

    classifier = HybridClassifier(tmp_path)

    assert classifier.model_loaded or "recursion" in classifier.get_model_info()["error"]
    assert classifier.classify(draw())["logo_type"]


@pytest.mark.parametrize("path", ["x" * 300, "no\0where", "", "/proc/self/mem"])
def test_no_path_ends_the_classifier(path: str, tmp_path: Path) -> None:
    classifier = HybridClassifier(path or tmp_path)

    assert classifier.model_loaded is False
    assert classifier.classify(draw())["method_used"] == "rule_based"


def test_features_outlive_another_network_but_not_other_rules(tmp_path: Path) -> None:
    one = load_version(write_bundle(tmp_path / "a", rules=other_rules()))
    network = load_version(write_bundle(tmp_path / "b", BIAS, rules=other_rules()))
    rules = load_version(write_bundle(tmp_path / "c", rules=other_rules(version="yet another")))

    assert one.features_fingerprint == network.features_fingerprint != rules.features_fingerprint
    assert (
        len({one.results_fingerprint, network.results_fingerprint, rules.results_fingerprint}) == 3
    )
