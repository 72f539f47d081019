"""The command trains a teacher by its recipe and a student by another."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import training.train as command
from training.recipe import STUDENT, TEACHERS, Recipe

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
    "more", [[], TAUGHT[:2], TAUGHT[2:], ["--teacher", "1", *TAUGHT], ["--teacher", "3"]]
)
def test_one_trains_either_a_teacher_or_what_teachers_taught(
    more: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", [*COMMAND, *more])

    with pytest.raises(SystemExit):
        command.main()

    assert "--teacher" in capsys.readouterr().err
