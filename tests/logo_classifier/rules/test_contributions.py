"""What features add to a score of the rules."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import numpy as np
import pytest

from logo_classifier.pictures.image import load_image
from logo_classifier.rules.contributions import contributions_of
from logo_classifier.rules.features import extract_features, plan_features
from logo_classifier.rules.trees import OUTPUTS, RuleSet, classify_by_rules
from logo_classifier.values import Features, LogoType

GOLDEN = sorted((Path(__file__).parents[3] / "models" / "golden").glob("*.png"))


def measure(path: Path, rules: RuleSet) -> Features:
    return extract_features(load_image(path), plan_features(rules.names, rules.side_px))


def small_rules() -> RuleSet:
    """Return two trees that ask for two features, in favour of `simple` and of `text`."""
    tree = {"feature": [0, 1, 1], "limit": [0.5, 0.25, 0.75]}
    return RuleSet.from_dict(
        {
            "version": "small",
            "features": ["ink_share", "entropy"],
            "trees": [
                {**tree, "output": "simple", "value": [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0]},
                {**tree, "output": "text", "value": [0.5, 0.0, 1.5, 0.0, 0.0, 2.5, 3.5]},
            ],
        }
    )


def test_each_step_of_a_path_counts_for_the_feature_that_was_asked() -> None:
    features = Features({"ink_share": 0.6, "entropy": 0.2})

    found = contributions_of(features, small_rules(), LogoType.SIMPLE, LogoType.TEXT)

    assert found.base == 1.0 - 0.5
    assert found.amounts.tolist() == [(4 - 1) - (1.5 - 0.5), (32 - 4) - (2.5 - 1.5)]
    assert found.limits.tolist() == [0.5, 0.75]
    assert found.score == 32 - 2.5


def test_a_feature_that_is_not_asked_adds_nothing_and_has_no_limit() -> None:
    rules = small_rules()
    alone = RuleSet.from_dict(
        {
            "version": "small",
            "features": ["ink_share", "entropy"],
            "trees": [{"feature": [0], "limit": [0.5], "value": [0.0, -1, 1], "output": "simple"}],
        }
    )
    features = Features({"ink_share": 0.6, "entropy": 0.2})

    found = contributions_of(features, alone, LogoType.SIMPLE, LogoType.TEXT)

    assert rules.names == alone.names
    assert found.amounts.tolist() == [1, 0]
    assert np.isnan(found.limits[1])


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_base_and_contributions_sum_to_the_score(path: Path, shipped_rules: RuleSet) -> None:
    features = measure(path, shipped_rules)
    shares = classify_by_rules(features, shipped_rules).probabilities

    for kind, rival in permutations(LogoType, 2):
        found = contributions_of(features, shipped_rules, kind, rival)

        assert found.score == pytest.approx(np.log(shares[kind] / shares[rival]), abs=1e-9)


def test_the_types_are_the_first_outputs_of_the_trees() -> None:
    assert OUTPUTS[: len(LogoType)] == tuple(LogoType)
