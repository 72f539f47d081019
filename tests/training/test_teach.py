"""Teachers say what they see in each undegraded view of each picture."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

import training.teach
from app.classification.types import LogoType
from training.dataset import HELD_OUT_FOLD, Example, folds_of
from training.folds import FOLDS
from training.model import predict_logits, read_checkpoint, untrained
from training.pictures import Pictures, Variation
from training.recipe import TEACHERS, Recipe
from training.soft_targets import SoftTargets, read_soft_targets
from training.teach import Teacher, read_teacher, teach
from training.train import Material, prepare


def probabilities(network: nn.Module, squares: Tensor) -> NDArray[np.float32]:
    logits = predict_logits(network, squares)
    return torch.cat([logits[:, :4].softmax(dim=1), logits[:, 4:].sigmoid()], dim=1).numpy()


def test_there_is_an_answer_for_every_view_of_every_labelled_picture(
    material: Material, soft_targets: SoftTargets
) -> None:
    pictures = len(material.labelled.cutouts)

    assert soft_targets.probabilities.shape == (2, pictures, 7)
    assert soft_targets.probabilities[..., :4].sum(axis=-1) == pytest.approx(1, abs=2e-3)
    assert ((soft_targets.probabilities >= 0) & (soft_targets.probabilities <= 1)).all()
    soft_targets.check(2, pictures, material.labels_sha256)


@pytest.mark.parametrize(("place", "view"), [(0, 0), (1, 1)])
def test_an_answer_is_that_of_the_teacher_that_has_not_learnt_from_the_picture(
    place: int,
    view: int,
    material: Material,
    recipe: Recipe,
    soft_targets: SoftTargets,
    teachers_recipes: tuple[Recipe, Recipe],
    teachers: list[Path],
) -> None:
    (network, side_px), (other, _) = (
        read_checkpoint(teachers[number] / "model.pth") for number in (place, 1 - place)
    )
    unseen = np.isin(folds_of(material.examples), teachers_recipes[place].unseen_folds)
    shown, clean = (
        Pictures(material.labelled, material.typesetter, recipe, degraded=degraded)
        for degraded in (True, False)
    )

    def differs(index: int) -> bool:
        one = Variation(index, view, side_px)
        return not torch.equal(shown[one][0], clean[one][0])

    chosen = [index for index in np.flatnonzero(unseen).tolist() if differs(index)]
    assert len(chosen) > 5
    squares = torch.stack([clean[Variation(index, view, side_px)][0] for index in chosen])

    own, others = (probabilities(one, squares) for one in (network, other))
    assert np.abs(own - others).max() > 0.01
    assert soft_targets.probabilities[view, chosen] == pytest.approx(own, abs=2e-3)


def test_a_teacher_has_not_learnt_from_what_it_is_asked_of(
    logos: Path, teachers_recipes: tuple[Recipe, Recipe], material: Material
) -> None:
    learnt = [
        {row.id for row in prepare(logos, one.unseen_folds).examples} for one in teachers_recipes
    ]

    assert not learnt[0] & learnt[1]
    assert learnt[0] | learnt[1] == {row.id for row in material.examples}


def test_the_shipped_teachers_are_asked_of_every_fold_once() -> None:
    asked = [fold for recipe in TEACHERS for fold in recipe.unseen_folds]

    assert sorted([HELD_OUT_FOLD, *asked]) == list(range(FOLDS))


def test_pictures_that_every_teacher_has_learnt_from_are_an_error(
    material: Material, recipe: Recipe
) -> None:
    teacher = Teacher(untrained(), 32, unseen_folds=(1,))

    with pytest.raises(ValueError, match="pictures that every teacher has learnt from"):
        teach(material, [teacher], recipe)


def test_the_command_writes_what_the_teachers_saw(
    logos: Path,
    teachers: list[Path],
    recipe: Recipe,
    teachers_recipes: tuple[Recipe, Recipe],
    soft_targets: SoftTargets,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    out = tmp_path / "soft_targets.npz"
    where = ["--data", str(logos), "--teachers", *map(str, teachers), "--out", str(out)]
    monkeypatch.setattr(sys, "argv", ["training.teach", *where])
    monkeypatch.setattr(training.teach, "STUDENT", recipe)
    monkeypatch.setattr(training.teach, "TEACHERS", teachers_recipes)

    training.teach.main()

    assert read_soft_targets(out).sha256 == soft_targets.sha256


def test_a_teacher_of_another_recipe_or_of_other_labels_is_refused(
    material: Material, teachers_recipes: tuple[Recipe, Recipe], teachers: list[Path]
) -> None:
    own, examples = teachers_recipes[0], material.examples

    def with_one(learnt: bool, **changes: Any) -> list[Example]:
        place = next(
            n for n, e in enumerate(examples) if learnt is (e.fold not in own.unseen_folds)
        )
        return [*examples[:place], replace(examples[place], **changes), *examples[place + 1 :]]

    read_teacher(teachers[0], own, examples)
    read_teacher(teachers[0], own, with_one(learnt=False, logo_type=LogoType.COMPLEX))

    for recipe, labels in (
        (replace(own, drawn_share=0.5), examples),
        (teachers_recipes[1], examples),
        (own, with_one(learnt=True, logo_type=LogoType.COMPLEX)),
        (own, with_one(learnt=True, fold=own.unseen_folds[0])),
    ):
        with pytest.raises(ValueError, match="remove it and train anew"):
            read_teacher(teachers[0], recipe, labels)


def test_a_folder_without_a_finished_teacher_ends_the_command_with_its_name(
    logos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = [str(tmp_path / "1"), str(tmp_path / "2")]
    where = ["--data", str(logos), "--teachers", *folders, "--out", str(tmp_path / "out")]
    monkeypatch.setattr(sys, "argv", ["training.teach", *where])

    with pytest.raises(SystemExit, match=r"no teacher to ask: .*1/recipe\.json"):
        training.teach.main()
