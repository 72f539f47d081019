"""What the trees score, what they say about it, and what the shipped file holds."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image

from logo_classifier.decision.calibration import MethodCalibration
from logo_classifier.decision.routing import RoutingPolicy
from logo_classifier.pictures.image import load_image
from logo_classifier.rules.features import MEASURING_SIDE_PX, extract_features, plan_features
from logo_classifier.rules.trees import (
    OUTPUTS,
    RuleSet,
    classify_by_rules,
    read_rules,
)
from logo_classifier.values import Features, LogoType, Method, Trait

LEAVES = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]


def tree(output: str, leaves: list[float], inner: list[float] | None = None) -> dict[str, Any]:
    """Return a tree that asks for `ink` at its root, `fade` below, then `rows`."""
    return {
        "output": output,
        "feature": [0, 1, 1, 2, 2, 2, 2],
        "limit": [0.5, 0.25, 0.75, 0.1, 0.2, 0.3, 0.4],
        "value": [*(inner or [0.0] * 7), *leaves],
    }


DATA = {"version": "0.0.1", "features": ["ink", "fade", "rows"], "trees": [tree("text", LEAVES)]}


def rules(*trees: dict[str, Any]) -> RuleSet:
    return RuleSet.from_dict({**DATA, "trees": list(trees)})


def features(ink: float, fade: float, rows: float) -> Features:
    return Features({"ink": ink, "fade": fade, "rows": rows, "unasked": 1.0})


@pytest.mark.parametrize(
    ("measured", "leaf"),
    [
        ((0.1, 0.1, 0.05), 0),
        ((0.1, 0.1, 0.15), 1),
        ((0.1, 0.3, 0.15), 2),
        ((0.1, 0.3, 0.25), 3),
        ((0.6, 0.7, 0.25), 4),
        ((0.6, 0.7, 0.35), 5),
        ((0.6, 0.8, 0.35), 6),
        ((0.6, 0.8, 0.45), 7),
        ((0.5, 0.25, 0.1), 0),  # a value at the limit is not above it
        ((0.51, 0.75, 0.3), 4),
    ],
)
def test_a_tree_leads_to_the_leaf_that_the_answers_lead_to(
    measured: tuple[float, float, float], leaf: int
) -> None:
    verdict = classify_by_rules(features(*measured), rules(tree("text", LEAVES)))
    expected = math.exp(LEAVES[leaf]) / (math.exp(LEAVES[leaf]) + 3)
    assert verdict.logo_type is LogoType.TEXT
    assert verdict.confidence == pytest.approx(expected)


def test_scores_of_several_trees_add_up_to_hand_computed_probabilities() -> None:
    ruleset = rules(
        tree("simple", [0.0] * 4 + [0.5] * 4),
        tree("simple", [0.0] * 4 + [0.25] * 4),
        tree("gradient", [0.0] * 4 + [2.0] * 4),
        tree("complex", [0.0] * 4 + [-1.0] * 4),
        tree("lettering?", [0.0] * 4 + [-0.4] * 4),
        tree("gradient?", [0.0] * 4 + [1.5] * 4),
    )
    verdict = classify_by_rules(features(0.6, 0.1, 0.1), ruleset)
    shares = [math.exp(score) for score in (0.75, 0.0, 2.0, -1.0)]
    expected = {kind: share / sum(shares) for kind, share in zip(LogoType, shares, strict=True)}
    assert verdict.probabilities == pytest.approx(expected)
    assert verdict.logo_type is LogoType.GRADIENT
    assert verdict.confidence == verdict.raw_confidence == max(verdict.probabilities.values())
    assert verdict.traits == pytest.approx(
        {
            Trait.LETTERING: 1 / (1 + math.exp(0.4)),
            Trait.GRADIENT: 1 / (1 + math.exp(-1.5)),
            Trait.COMPLEX: expected[LogoType.COMPLEX],
        }
    )
    assert verdict.method is Method.RULE_BASED
    assert not verdict.calibrated


def test_without_a_tree_every_type_is_as_likely() -> None:
    verdict = classify_by_rules(features(0, 0, 0), rules(tree("lettering?", [0.0] * 8)))
    assert set(verdict.probabilities.values()) == {0.25}
    assert verdict.reasoning.endswith("no feature speaks for it clearly")


def test_scores_far_apart_do_not_overflow() -> None:
    ruleset = rules(tree("text", [2000.0] * 8), tree("complex", [-2000.0] * 8))
    verdict = classify_by_rules(features(0, 0, 0), ruleset)
    assert verdict.confidence == pytest.approx(1)
    assert sum(verdict.probabilities.values()) == pytest.approx(1)


@pytest.mark.parametrize(
    ("ink", "clause"),
    [(0.6, "ink 0.600 is above 0.500"), (0.4, "ink 0.400 is not above 0.500")],
)
def test_the_reasoning_names_the_type_the_feature_and_its_limit(ink: float, clause: str) -> None:
    ruleset = rules(tree("complex", [3.0] * 8, [0.0, 3.0, 3.0, 3.0, 3.0, 3.0, 3.0]))
    verdict = classify_by_rules(features(ink, 0.1, 0.1), ruleset)
    assert verdict.reasoning == f"complex: {clause}"


def test_the_reasoning_puts_the_strongest_question_first() -> None:
    inner = [0.0, 0.5, 0.0, 2.5, 0.0, 0.0, 0.0]
    verdict = classify_by_rules(features(0.1, 0.1, 0.3), rules(tree("text", [2.6] * 8, inner)))
    assert verdict.reasoning == (
        "text: fade 0.100 is not above 0.250; ink 0.100 is not above 0.500; "
        "rows 0.300 is above 0.100"
    )


def test_what_speaks_against_the_winner_is_no_reason() -> None:
    ruleset = rules(tree("text", [1.0] * 8, [2.0, 0.5, 0.5, 1.0, 1.0, 1.0, 1.0]))
    verdict = classify_by_rules(features(0.1, 0.1, 0.3), ruleset)
    assert "fade" in verdict.reasoning
    assert "ink" not in verdict.reasoning


def test_a_feature_that_speaks_for_the_winner_less_than_against_it_is_no_reason() -> None:
    ruleset = rules(
        tree("text", [6.0] * 8, [0.0, 1.0, 1.0, 6.0, 6.0, 6.0, 6.0]),
        tree("text", [-3.0] * 8, [0.0, -3.0, -3.0, -3.0, -3.0, -3.0, -3.0]),
    )
    verdict = classify_by_rules(features(0.1, 0.1, 0.3), ruleset)
    assert verdict.reasoning == "text: fade 0.100 is not above 0.250"


def test_a_feature_that_was_not_measured_is_an_error() -> None:
    with pytest.raises(KeyError, match="rows"):
        classify_by_rules(Features({"ink": 0, "fade": 0}), rules(tree("text", LEAVES)))


def test_rules_with_an_unknown_output_are_refused() -> None:
    with pytest.raises(ValueError, match="not in tuple"):
        rules(tree("emblem", LEAVES))


def test_rules_that_name_no_side_are_measured_at_192_pixels() -> None:
    assert rules(tree("text", LEAVES)).side_px == MEASURING_SIDE_PX == 192


@pytest.mark.parametrize("side_px", [32, 100, 160, 192])
def test_the_side_of_the_measured_picture_is_read(side_px: int) -> None:
    assert RuleSet.from_dict({**DATA, "side_px": side_px}).side_px == side_px


@pytest.mark.parametrize("side_px", [31, 193, 0, -192, 10**9, "large"])
def test_a_side_that_is_out_of_range_is_refused(side_px: Any) -> None:
    with pytest.raises(ValueError, match=r"side_px must be 32 to 192, not|large"):
        RuleSet.from_dict({**DATA, "side_px": side_px})


def test_the_shipped_rules_are_whole(shipped_rules: RuleSet) -> None:
    trees = len(shipped_rules.output)
    inner = 2**shipped_rules.depth - 1
    assert shipped_rules.feature.shape == shipped_rules.limit.shape == (trees, inner)
    assert shipped_rules.value.shape == (trees, 2 * inner + 1)
    assert len(set(shipped_rules.names)) == len(shipped_rules.names)
    assert shipped_rules.feature.min() >= 0
    assert shipped_rules.feature.max() < len(shipped_rules.names)
    assert np.isfinite(shipped_rules.value).all()
    left, right = shipped_rules.value[:, 1::2], shipped_rules.value[:, 2::2]
    between = shipped_rules.value[:, :inner]
    assert (between >= np.minimum(left, right) - 2e-5).all()
    assert (between <= np.maximum(left, right) + 2e-5).all()
    assert ((shipped_rules.limit >= 0) & (shipped_rules.limit <= 1)).all()
    assert set(shipped_rules.output.tolist()) == set(range(len(OUTPUTS)))
    assert shipped_rules.version


@pytest.mark.parametrize(
    ("name", "logo_type"), [("disc", "simple"), ("word", "text"), ("fade", "gradient")]
)
def test_the_shipped_rules_know_a_textbook_case(
    name: str,
    logo_type: str,
    shipped_rules: RuleSet,
    encode: Callable[..., bytes],
    request: pytest.FixtureRequest,
) -> None:
    picture: Image.Image = request.getfixturevalue(name)
    plan = plan_features(shipped_rules.names, shipped_rules.side_px)
    verdict = classify_by_rules(extract_features(load_image(encode(picture)), plan), shipped_rules)
    assert verdict.logo_type == logo_type
    assert verdict.reasoning.startswith(f"{logo_type}: ")
    assert sum(verdict.probabilities.values()) == pytest.approx(1)


def test_the_shipped_rules_come_with_a_calibration_that_routes_by_it() -> None:
    policy = RoutingPolicy()
    fitted = MethodCalibration.from_dict(read_rules()["calibration"], policy.unsettled_ceiling)
    assert fitted.temperature > 0
    assert set(fitted.trait_temperatures) == set(Trait)
    assert all(value > 0 for value in fitted.trait_temperatures.values())
    assert 0.5 < fitted.unsettled_ceiling < policy.confident <= fitted.settled_from < 1
    assert all(0 < fitted.set_thresholds[kind] < 0.5 for kind in LogoType)
