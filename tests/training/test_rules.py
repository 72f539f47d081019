"""Rules fitted as trees, read back as data."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import expit, softmax
from sklearn.ensemble import GradientBoostingClassifier

from logo_classifier.decision.calibration import Calibrator, MethodCalibration
from logo_classifier.pictures.image import LoadedImage
from logo_classifier.rules.features import plan_groups
from logo_classifier.rules.trees import OUTPUTS, RuleSet, classify_by_rules
from logo_classifier.values import Features, LogoType, Method, Verdict
from training.fitting import COVERAGE, Floats, Ints
from training.labels.dataset import Example
from training.rule_pictures import RulePictures, measure
from training.rules import (
    CROSS_VALIDATION_FOLDS,
    UNSETTLED_CEILING,
    Recipe,
    calibrate,
    cross_validate,
    fit,
    fit_trees,
    predict,
)

QUICK = Recipe(rounds=25, learning_rate=0.3, min_samples_leaf=5)
NAMES = tuple(f"feature{number}" for number in range(9))

Flags = NDArray[np.float32]


def made_up_features(count: int = 400) -> tuple[Floats, Ints, Flags]:
    """Return features from which types and flags follow, but for some noise.

    Values are sixteenths, so that limits halfway between them are exact to six digits.
    """
    rng = np.random.default_rng(6)
    values = rng.integers(0, 17, (count, len(NAMES))) / 16
    noisy = values + rng.normal(0, 0.1, values.shape)
    types = (2 * (noisy[:, 0] > 0.5) + (noisy[:, 1] > noisy[:, 2])).astype(np.int64)
    flags = np.column_stack([noisy[:, 3] > 0.4, noisy[:, 4] > 0.7, types == 3]).astype(np.float32)
    return values, types, flags


def booster(recipe: Recipe) -> GradientBoostingClassifier:
    return GradientBoostingClassifier(
        n_estimators=recipe.rounds,
        learning_rate=recipe.learning_rate,
        max_depth=recipe.depth,
        min_samples_leaf=recipe.min_samples_leaf,
        subsample=recipe.subsample,
        max_features="sqrt",
        random_state=recipe.seed,
        init="zero",
    )


@pytest.mark.parametrize("depth", [2, 3, 4])
def test_fitted_trees_read_as_rules_give_the_scores_of_the_booster(depth: int) -> None:
    values, types, flags = made_up_features()
    recipe = replace(QUICK, depth=depth)

    data = fit_trees(NAMES, values, types, flags, recipe)
    shares, traits = predict(data, NAMES, values)

    assert RuleSet.from_dict(data).depth == depth
    scores = booster(recipe).fit(values, types).decision_function(values)
    assert shares == pytest.approx(softmax(scores, axis=1), abs=1e-3)
    for column in (0, 1):
        scores = booster(recipe).fit(values, flags[:, column]).decision_function(values)
        assert traits[:, column] == pytest.approx(expit(scores), abs=1e-3)
    assert np.array_equal(traits[:, 2], shares[:, list(LogoType).index(LogoType.COMPLEX)])


def test_early_leaves_repeat_themselves_in_complete_trees() -> None:
    values, types, flags = made_up_features(80)
    recipe = Recipe(rounds=8, min_samples_leaf=25, subsample=1.0)

    data = fit_trees(NAMES, values, types, flags, recipe)
    shares, _ = predict(data, NAMES, values)

    trees = booster(recipe).fit(values, types)
    nodes = [tree.tree_.node_count for tree in trees.estimators_.flat]
    assert max(nodes) < 2 ** (recipe.depth + 1) - 1
    assert shares == pytest.approx(softmax(trees.decision_function(values), axis=1), abs=1e-3)


def test_what_an_inner_node_says_is_the_mean_of_its_leaves_by_their_pictures() -> None:
    values, types, flags = made_up_features()
    recipe = replace(QUICK, rounds=1, subsample=1.0)
    (tree, *_) = fit_trees(NAMES, values, types, flags, recipe)["trees"]

    def leaf_of(row: NDArray[np.float64]) -> int:
        node = 0
        for _ in range(recipe.depth):
            node = 2 * node + 1 + int(row[tree["feature"][node]] > tree["limit"][node])
        return node

    said = [tree["value"][leaf_of(row)] for row in values]
    right = values[:, tree["feature"][0]] > tree["limit"][0]

    assert tree["value"][0] == pytest.approx(np.mean(said), abs=2e-5)
    assert tree["value"][1] == pytest.approx(np.mean(np.array(said)[~right]), abs=2e-5)
    assert tree["value"][2] == pytest.approx(np.mean(np.array(said)[right]), abs=2e-5)


def test_rules_are_plain_data_that_survives_a_file() -> None:
    values, types, flags = made_up_features(200)

    data = fit_trees(NAMES, values, types, flags, QUICK)
    rules = RuleSet.from_dict(json.loads(json.dumps(data)))

    assert rules.names == NAMES
    assert rules.feature.shape == (QUICK.rounds * len(OUTPUTS), 2**QUICK.depth - 1)
    assert rules.value.shape == (QUICK.rounds * len(OUTPUTS), 2 ** (QUICK.depth + 1) - 1)
    assert np.bincount(rules.output).tolist() == [QUICK.rounds] * len(OUTPUTS)


def test_the_same_seed_gives_the_same_rules() -> None:
    values, types, flags = made_up_features(150)
    other = Recipe(rounds=25, learning_rate=0.3, min_samples_leaf=5, seed=2)

    once = fit_trees(NAMES, values, types, flags, QUICK)

    assert once == fit_trees(NAMES, values, types, flags, QUICK)
    assert once != fit_trees(NAMES, values, types, flags, other)


def test_cross_validation_judges_each_picture_without_having_seen_it() -> None:
    values, types, flags = made_up_features(250)
    folds = np.arange(250) % 10
    one = folds % CROSS_VALIDATION_FOLDS == 3

    pictures = RulePictures(NAMES, values, types, flags, folds, np.full(250, "train"))

    shares, traits = cross_validate(pictures, QUICK)

    without = fit_trees(NAMES, values[~one], types[~one], flags[~one], QUICK)
    expected_shares, expected_traits = predict(without, NAMES, values[one])
    assert np.array_equal(shares[one], expected_shares)
    assert np.array_equal(traits[one], expected_traits)
    assert shares.sum(axis=1) == pytest.approx(1)


def test_calibrated_rules_are_confident_only_where_they_are_right() -> None:
    values, types, flags = made_up_features(1_200)
    folds = np.arange(1_200) % 10
    pictures = RulePictures(NAMES, values, types, flags, folds, np.full(1_200, "train"))
    shares, traits = cross_validate(pictures, QUICK)
    recipe = Recipe(settled_precision=0.9)

    fitted = MethodCalibration.from_dict(calibrate(shares, traits, pictures, recipe))

    rules = RuleSet.from_dict(fit_trees(NAMES, values, types, flags, QUICK))
    row = dict(zip(NAMES, values[0].tolist(), strict=True))
    raw = classify_by_rules(Features(row), rules)
    calibrator = Calibrator({Method.RULE_BASED: fitted})
    verdicts = [calibrator.apply(_with_shares(raw, own)) for own in shares]
    top = np.array([verdict.confidence for verdict in verdicts])
    right = shares.argmax(axis=1) == types
    settled = top > UNSETTLED_CEILING
    assert 100 <= settled.sum() < 1_200
    assert right[settled].mean() > 0.9
    assert top[~settled].max() <= UNSETTLED_CEILING
    assert top.mean() == pytest.approx(right.mean(), abs=0.06)
    sets = [calibrator.prediction_set(verdict) for verdict in verdicts]
    covered = [list(LogoType)[kind] in kinds for kind, kinds in zip(types, sets, strict=True)]
    assert np.mean(covered) >= COVERAGE


def _with_shares(verdict: Verdict, shares: Floats) -> Verdict:
    return replace(
        verdict,
        logo_type=list(LogoType)[int(shares.argmax())],
        probabilities=dict(zip(LogoType, shares.tolist(), strict=True)),
    )


def test_where_nothing_is_right_often_enough_only_certainty_settles(
    logos: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = fit(logos, Recipe(rounds=10, settled_precision=0.999, drawn=0, small_share=0))

    fitted = MethodCalibration.from_dict(data["calibration"])
    assert len(RuleSet.from_dict(data).output) == 10 * len(OUTPUTS)
    assert fitted.settled_from == 1.0
    assert "train: " in capsys.readouterr().out


def test_the_command_writes_rules_that_tell_the_drawn_logos_apart(
    logos: Path, tmp_path: Path, examples: list[Example], images: list[LoadedImage]
) -> None:
    out = tmp_path / "1.2.3"
    command = [sys.executable, "-m", "training.rules", "--data", str(logos), "--out", str(out)]

    subprocess.run(command, check=True, capture_output=True)

    data = json.loads((out / "rules.json").read_text())
    assert data["version"] == "1.2.3"
    names, values = measure(images, plan_groups(Recipe().groups, Recipe().side_px))
    shares, _ = predict(data, names, values)
    types = [list(LogoType)[index] for index in shares.argmax(axis=1)]
    right = [kind is row.logo_type for kind, row in zip(types, examples, strict=True)]
    assert np.mean(right) > 0.9
    assert MethodCalibration.from_dict(data["calibration"]).temperature > 0
