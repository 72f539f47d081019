"""Which pictures are learnt from, and which judge."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from logo_classifier.pictures.image import fit_square, load_image
from logo_classifier.values import Verdict
from logo_classifier.versions.shipped import shipped
from tests.training.drawn import Row, relabelled
from training import rules
from training.calibrate import calibrate
from training.labels.dataset import (
    HELD_OUT_FOLD,
    read_labels,
)
from training.network.quantise import fitted_squares
from training.network.train import prepare

Calibration = tuple[dict[str, Any], dict[str, float]]


def moved(row: Row) -> Row:
    """Put every second picture of `train` into `extra`."""
    return row | {"split": "extra"} if row["split"] == "train" and is_odd(row) else row


def is_odd(row: Row) -> bool:
    return int(row["id"][-1]) % 2 == 1


@pytest.fixture(scope="module")
def mixed(logos: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return relabelled(logos, tmp_path_factory.mktemp("mixed") / "data", moved)


@pytest.fixture(scope="module")
def calibration(mixed: Path, rules_recipe: rules.Recipe) -> Calibration:
    return calibrate(mixed, shipped(), rules_recipe)


def test_the_network_learns_from_extra_pictures_and_is_not_watched_by_them(
    logos: Path, mixed: Path
) -> None:
    material, all_of_train = prepare(mixed), prepare(logos)

    assert len(material.labelled.cutouts) == len(all_of_train.labelled.cutouts)
    watched = {row.id for row in material.watched}
    assert watched < {row.id for row in all_of_train.watched}
    assert not watched & {row.id for row in read_labels(mixed, "extra")}


def test_extra_pictures_calibrate_no_network(mixed: Path, calibration: Calibration) -> None:
    held_out = [row for row in read_labels(mixed, "train") if row.fold == HELD_OUT_FOLD]

    assert calibration[0]["pictures"] == sum(not row.disputed for row in held_out)


def test_rules_that_stand_beside_the_network_learn_nothing_of_the_held_out_fold(
    mixed: Path, calibration: Calibration, rules_recipe: rules.Recipe, tmp_path: Path
) -> None:
    unseen = falsified(mixed, tmp_path / "unseen", is_unseen)
    seen = falsified(mixed, tmp_path / "seen", is_seen)
    # Which copies and drawings there are depends on the labels.
    alone = replace(rules_recipe, small_share=0.0, drawn=0)
    usual = calibrate(mixed, shipped(), alone)

    assert calibrate(unseen, shipped(), alone) == usual
    assert calibrate(seen, shipped(), alone) != usual


def is_unseen(row: Row) -> bool:
    return row["split"] == "extra" and row["fold"] == str(HELD_OUT_FOLD)


def is_seen(row: Row) -> bool:
    return row["split"] == "extra" and row["fold"] == str(HELD_OUT_FOLD + 1)


def falsified(data: Path, folder: Path, chosen: Callable[[Row], bool]) -> Path:
    """Label some pictures as another type."""
    false = {"logo_type": "simple", "lettering": "0", "gradient": "0", "complex": "0"}
    return relabelled(data, folder, lambda row: row | false if chosen(row) else row)


def test_only_pictures_of_train_calibrate_the_rules(
    mixed: Path, rules_recipe: rules.Recipe
) -> None:
    pictures = rules.gather_for(mixed, rules_recipe)
    judged = pictures.kinds == "train"
    # What is said of extra pictures is never right; of all others it always is.
    truth = (pictures.types + (pictures.kinds == "extra")) % 4
    shares = np.where(np.eye(4)[truth] > 0, 0.7, 0.1)
    traits = np.where(pictures.flags == judged[:, None], 0.9, 0.2)
    own = replace(
        pictures,
        values=pictures.values[judged],
        types=pictures.types[judged],
        flags=pictures.flags[judged],
        folds=pictures.folds[judged],
        kinds=pictures.kinds[judged],
    )

    fitted = rules.calibrate(shares, traits, pictures, rules_recipe)

    assert 0 < judged.sum() < len(judged)
    assert fitted == rules.calibrate(shares[judged], traits[judged], own, rules_recipe)


def test_ranges_of_integers_are_measured_on_no_extra_pictures(mixed: Path) -> None:
    rows = [row for row in read_labels(mixed, "train") if row.fold != HELD_OUT_FOLD]

    squares = fitted_squares(mixed, 32)

    expected = {fit_square(load_image(row.path), 32).tobytes() for row in rows}
    assert len(squares) == len(rows)
    assert {square.tobytes() for square in squares} == expected


def test_what_is_pooled_is_calibrated_as_it_will_be_served(
    mixed: Path, rules_recipe: rules.Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[Verdict] = []

    def note(rules: list[Verdict], neural: list[Verdict], _: object) -> float:
        given.extend([*rules, *neural])
        return 0.2

    monkeypatch.setattr("training.calibrate.fit_rule_weight", note)

    calibrate(mixed, shipped(), rules_recipe)

    assert given
    assert all(verdict.calibrated for verdict in given)
