"""The command trains a teacher by its recipe and a student by another."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import training.train as command
from training.recipe import STUDENT, TEACHERS, Recipe
from training.train import Material
from training.trainer import Trainer

COMMAND = ["training.train", "--data", "data", "--run", "run"]
TAUGHT = ["--soft-targets", "s.npz", "--start", "m.pth"]


@pytest.mark.parametrize(
    ("more", "recipe"),
    [
        (["--teacher", "1"], TEACHERS[0]),
        (["--teacher", "2"], TEACHERS[1]),
        ([*TAUGHT, "--seed", "7"], replace(STUDENT, seed=7)),
    ],
    ids=["first teacher", "second teacher", "student"],
)
def test_the_recipe_is_that_of_what_is_trained(
    more: list[str], recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[Any, ...]] = []
    monkeypatch.setattr(sys, "argv", [*COMMAND, *more])
    monkeypatch.setattr(command, "prepare", lambda data, unseen=(): (data, unseen))
    monkeypatch.setattr(command, "read_soft_targets", lambda path: path)
    monkeypatch.setattr(command, "train", lambda *given: asked.append(given))

    command.main()

    files = [Path("s.npz"), Path("m.pth")] if more[0] == TAUGHT[0] else []
    assert asked == [((Path("data"), recipe.unseen_folds), Path("run"), recipe, *files)]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ([], "give either --teacher"),
        (TAUGHT[:2], "give either --teacher"),
        (TAUGHT[2:], "give either --teacher"),
        (["--teacher", "1", *TAUGHT], "give either --teacher"),
        (["--teacher", "1", *TAUGHT[:2]], "give either --teacher"),
        (["--teacher", "1", "--seed", "2"], "give either --teacher"),
        (["--teacher", "3"], "invalid choice"),
    ],
)
def test_one_trains_either_a_teacher_or_what_teachers_taught(
    more: list[str],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "argv", [*COMMAND, *more])

    with pytest.raises(SystemExit):
        command.main()

    assert said in capsys.readouterr().err


def test_a_run_of_another_origin_ends_the_command_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: Any) -> None:
        raise ValueError("remove it, or choose another run folder")

    monkeypatch.setattr(sys, "argv", [*COMMAND, "--teacher", "1"])
    monkeypatch.setattr(command, "prepare", lambda *_: None)
    monkeypatch.setattr(command, "train", refuse)

    with pytest.raises(SystemExit, match="remove it, or choose another run folder"):
        command.main()


def test_what_another_recipe_left_is_gone_before_the_first_epoch(
    material: Material, recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    (tmp_path / "model.pth").write_bytes(b"of another recipe")
    monkeypatch.setattr(Trainer, "run_epoch", interrupt)

    with pytest.raises(KeyboardInterrupt):
        command.train(material, tmp_path, recipe)

    assert (tmp_path / "recipe.json").exists()
    assert not (tmp_path / "model.pth").exists()
