"""All trees at once say what a slow walk through each of them says."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from PIL import Image

from logo_classifier.rules.features import extract_features, plan_features
from logo_classifier.rules.trees import OUTPUTS, RuleSet, classify_by_rules, read_rules
from logo_classifier.values import Features, LogoType, Trait, Verdict
from tests.logo_classifier.rules.normalised import noise, normalised, squares

MOST_REASONS = 3


class SlowWalk:
    """The score of each output, and what each comparison added to it."""

    def __init__(self, data: dict[str, Any], values: dict[str, float]) -> None:
        self.values = values
        self.scores = dict.fromkeys(OUTPUTS, 0.0)
        self.asked: dict[str, list[tuple[float, str, float]]] = {each: [] for each in OUTPUTS}
        for tree in data["trees"]:
            node, output = 0, tree["output"]
            while node < len(tree["feature"]):
                name, limit = data["features"][tree["feature"][node]], tree["limit"][node]
                below = 2 * node + (2 if values[name] > limit else 1)
                moved = tree["value"][below] - tree["value"][node]
                self.asked[output].append((moved, name, limit))
                node = below
            self.scores[output] += tree["value"][node]

    def probabilities(self) -> dict[LogoType, float]:
        most = max(self.scores[kind.value] for kind in LogoType)
        masses = {kind: math.exp(self.scores[kind.value] - most) for kind in LogoType}
        return {kind: mass / sum(masses.values()) for kind, mass in masses.items()}

    def trait(self, trait: Trait) -> float:
        return 1 / (1 + math.exp(-self.scores[f"{trait.value}?"]))

    def reasoning(self, winner: str) -> str:
        gains: dict[str, float] = {}
        for moved, name, _ in self.asked[winner]:
            gains[name] = gains.get(name, 0.0) + moved
        clauses = []
        for name in sorted(gains, key=lambda each: -gains[each])[:MOST_REASONS]:
            if gains[name] > 0:
                _, limit = max((m, at) for m, asked, at in self.asked[winner] if asked == name)
                side = "above" if self.values[name] > limit else "not above"
                clauses.append(f"{name} {self.values[name]:.3f} is {side} {limit:.3f}")
        return f"{winner}: " + ("; ".join(clauses) or "no feature speaks for it clearly")


def grow(seed: int, depth: int, trees: int, features: int = 7) -> dict[str, Any]:
    """Return random trees, for random outputs, on features some of which are never asked for."""
    rng = np.random.default_rng(seed)
    inner = 2**depth - 1
    return {
        "version": "0.0.1",
        "features": [f"feature_{number}" for number in range(features)],
        "trees": [
            {
                "output": str(rng.choice(OUTPUTS)),
                "feature": rng.integers(0, features, inner).tolist(),
                "limit": rng.random(inner).round(2).tolist(),
                "value": rng.normal(0, 0.4, 2 * inner + 1).tolist(),
            }
            for _ in range(trees)
        ],
    }


def assert_agree(verdict: Verdict, walk: SlowWalk) -> None:
    expected = walk.probabilities()
    assert verdict.probabilities == pytest.approx(expected, abs=1e-12)
    assert verdict.logo_type is max(LogoType, key=lambda kind: expected[kind])
    assert verdict.confidence == max(verdict.probabilities.values())
    assert verdict.traits == pytest.approx(
        {
            Trait.LETTERING: walk.trait(Trait.LETTERING),
            Trait.GRADIENT: walk.trait(Trait.GRADIENT),
            Trait.COMPLEX: expected[LogoType.COMPLEX],
        },
        abs=1e-12,
    )
    assert verdict.reasoning == walk.reasoning(verdict.logo_type.value)


@pytest.mark.parametrize("depth", [1, 2, 3, 4])
@pytest.mark.parametrize("trees", [1, 2, 17, 120])
@pytest.mark.parametrize("seed", range(5))
def test_random_trees_are_scored_and_explained_as_by_a_slow_walk(
    seed: int, trees: int, depth: int
) -> None:
    data = grow(seed, depth, trees)
    rules = RuleSet.from_dict(data)
    rng = np.random.default_rng(seed + 100)

    assert rules.depth == depth
    for _ in range(5):
        # Two decimals, as the limits have: values at a limit are among them.
        row = rng.random(len(rules.names)).round(2).tolist()
        values = dict(zip(rules.names, row, strict=True))
        assert_agree(classify_by_rules(Features(values), rules), SlowWalk(data, values))


@pytest.mark.parametrize("depth", [1, 4])
def test_the_order_in_which_features_were_measured_changes_nothing(depth: int) -> None:
    data = grow(9, depth, 30)
    rules = RuleSet.from_dict(data)
    values = dict(zip(rules.names, np.linspace(0, 1, len(rules.names)).tolist(), strict=True))
    turned = dict(reversed([*values.items(), ("unasked", 0.5)]))

    verdict = classify_by_rules(Features(values), rules)

    assert classify_by_rules(Features(turned), rules) == verdict


@pytest.mark.parametrize("name", ["disc", "word", "fade", "noise", "squares"])
def test_the_shipped_rules_judge_a_picture_as_a_slow_walk_does(
    name: str, shipped_rules: RuleSet, request: pytest.FixtureRequest
) -> None:
    drawn = {"noise": noise((90, 60)), "squares": squares(20)}
    picture: Image.Image = drawn.get(name) or request.getfixturevalue(name)
    plan = plan_features(shipped_rules.names, shipped_rules.side_px)
    features = extract_features(normalised(picture), plan)

    verdict = classify_by_rules(features, shipped_rules)

    assert_agree(verdict, SlowWalk(read_rules(), dict(features.values)))
