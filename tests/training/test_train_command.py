"""The command trains a teacher by its recipe and a student by another."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import training.train as command
from training.recipe import STUDENT, TEACHER, Recipe

COMMAND = ["training.train", "--data", "data", "--run", "run", "--seed", "7"]


@pytest.mark.parametrize(
    ("more", "recipe"),
    [([], TEACHER), (["--soft-targets", "s.npz", "--start", "m.pth"], STUDENT)],
    ids=["teacher", "student"],
)
def test_the_recipe_is_that_of_what_is_trained(
    more: list[str], recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[Any, ...]] = []
    monkeypatch.setattr(sys, "argv", [*COMMAND, *more])
    for name in ("prepare", "read_soft_targets"):
        monkeypatch.setattr(command, name, lambda path: path)
    monkeypatch.setattr(command, "train", lambda *given: asked.append(given))

    command.main()

    files = [Path(word) for word in more[1::2]] or [None, None]
    assert asked == [(Path("data"), Path("run"), replace(recipe, seed=7), *files)]


@pytest.mark.parametrize("more", [["--soft-targets", "s.npz"], ["--start", "m.pth"]])
def test_what_teachers_said_and_the_weights_to_start_from_go_together(
    more: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", [*COMMAND, *more])

    with pytest.raises(SystemExit):
        command.main()

    assert "go together" in capsys.readouterr().err
