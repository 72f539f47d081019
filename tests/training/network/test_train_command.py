"""The command trains by the recipe, and says what to do where it cannot."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

import training.network.train as command
from training.network.recipe import RECIPES, Recipe
from training.network.train import Material
from training.network.trainer import Trainer

COMMAND = ["training.network.train", "--data", "data", "--run", "run"]


@pytest.mark.parametrize(
    ("more", "recipe"),
    [
        ([], Recipe()),
        (["--seed", "7"], Recipe(seed=7)),
        (["--architecture", "logo-vit"], RECIPES["logo-vit"]),
    ],
)
def test_the_recipe_is_the_one_that_is_written_down_but_for_the_seed(
    more: list[str], recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[Any, ...]] = []
    monkeypatch.setattr(sys, "argv", [*COMMAND, *more])
    monkeypatch.setattr(command, "prepare", lambda data: data)
    monkeypatch.setattr(command, "train", lambda *given: asked.append(given))

    command.main()

    assert asked == [(Path("data"), Path("run"), recipe)]


def test_a_run_of_another_origin_ends_the_command_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: Any) -> None:
        raise ValueError("remove it, or choose another run folder")

    monkeypatch.setattr(sys, "argv", COMMAND)
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
