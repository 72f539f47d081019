"""Teachers say what they see in each undegraded view of each picture."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

import training.teach
from training.model import predict_logits, read_checkpoint, untrained
from training.pictures import Pictures, Variation
from training.recipe import Recipe
from training.soft_targets import SoftTargets, read_soft_targets
from training.teach import mean_probabilities, read_teacher
from training.train import Material


def test_there_is_an_answer_for_every_view_of_every_labelled_picture(
    material: Material, soft_targets: SoftTargets
) -> None:
    pictures = len(material.labelled.cutouts)

    assert soft_targets.probabilities.shape == (2, pictures, 7)
    assert soft_targets.probabilities[..., :4].sum(axis=-1) == pytest.approx(1, abs=2e-3)
    assert ((soft_targets.probabilities >= 0) & (soft_targets.probabilities <= 1)).all()
    soft_targets.check(2, pictures, material.labels_sha256)


def test_an_answer_is_that_of_the_teacher_to_the_undegraded_view(
    material: Material, recipe: Recipe, soft_targets: SoftTargets, teacher: Path
) -> None:
    network, side_px = read_checkpoint(teacher / "model.pth")
    shown, clean = (
        Pictures(material.labelled, material.typesetter, recipe, degraded=degraded)
        for degraded in (True, False)
    )

    def differs(index: int) -> bool:
        one = Variation(index, 1, side_px)
        return not torch.equal(shown[one][0], clean[one][0])

    chosen = [index for index in range(clean.known) if differs(index)]
    assert len(chosen) > 10
    squares = torch.stack([clean[Variation(index, 1, side_px)][0] for index in chosen])

    own = predict_logits(network, squares)[:, :4].softmax(dim=1).numpy()
    assert soft_targets.probabilities[1, chosen, :4] == pytest.approx(own, abs=2e-3)


def test_several_teachers_answer_with_their_mean() -> None:
    torch.manual_seed(1)
    one, other = untrained(), untrained()
    squares = torch.randint(0, 256, (3, 32, 32, 3), dtype=torch.uint8)

    both, first, second = (mean_probabilities(n, [squares]) for n in ([one, other], [one], [other]))

    mean = (first.astype(np.float32) + second) / 2
    assert np.abs(first.astype(np.float32) - second).max() > 1e-3
    assert both == pytest.approx(mean, abs=1e-3)


def test_the_command_writes_what_the_teachers_saw(
    logos: Path,
    teacher: Path,
    recipe: Recipe,
    soft_targets: SoftTargets,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    out = tmp_path / "soft_targets.npz"
    where = ["--data", str(logos), "--teachers", str(teacher), "--out", str(out)]
    monkeypatch.setattr(sys, "argv", ["training.teach", *where])
    monkeypatch.setattr(training.teach, "STUDENT", recipe)
    monkeypatch.setattr(training.teach, "TEACHER", recipe)

    training.teach.main()

    assert read_soft_targets(out).sha256 == soft_targets.sha256


def test_a_teacher_of_another_recipe_or_of_other_labels_is_refused(
    material: Material, recipe: Recipe, teacher: Path
) -> None:
    read_teacher(teacher, replace(recipe, seed=recipe.seed + 1), material.labels_sha256)

    for other, labels in ((replace(recipe, drawn_share=0.5), material.labels_sha256), (recipe, "")):
        with pytest.raises(ValueError, match="remove it and train anew"):
            read_teacher(teacher, other, labels)


def test_a_folder_without_a_finished_teacher_ends_the_command_with_its_name(
    logos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = ["--data", str(logos), "--teachers", str(tmp_path), "--out", str(tmp_path / "out")]
    monkeypatch.setattr(sys, "argv", ["training.teach", *where])

    with pytest.raises(SystemExit, match=f"no teacher to ask: .*{tmp_path.name}"):
        training.teach.main()
