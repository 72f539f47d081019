"""Training by a recipe: it learns, resumes, and sees what it may see."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from logo_classifier.pictures.image import LoadedImage, fit_square
from tests.training.drawn import FinishedRun, relabelled
from training.labels.dataset import HELD_OUT_FOLD, Example, flag_targets, read_labels, type_targets
from training.network.model import predict_logits, pretrained, read_checkpoint
from training.network.recipe import Recipe
from training.network.train import Material, prepare, train, weights_between
from training.network.trainer import Trainer

GUESSING = math.log(4) + math.log(2)
"""The loss of a network that knows nothing of the types and the flags."""

TrainOneEpoch = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def train_one_epoch(material: Material, recipe: Recipe) -> TrainOneEpoch:
    """Return what trains until somebody ends the second epoch; it gives the first one's log."""
    run_epoch = Trainer.run_epoch

    def run_first(trainer: Trainer, batches: Iterable[tuple[Tensor, Tensor]]) -> float:
        if trainer.epoch:
            raise KeyboardInterrupt
        return run_epoch(trainer, batches)

    def train_in(run: Path, given: Material = material, seed: int = recipe.seed) -> dict[str, Any]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Trainer, "run_epoch", run_first)
            with pytest.raises(KeyboardInterrupt):
                train(given, run, replace(recipe, seed=seed))
        (row,) = log_of(run)
        return row

    return train_in


@pytest.fixture(scope="module")
def interrupted(
    train_one_epoch: TrainOneEpoch, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, dict[str, Any]]:
    """Return the folder of a training that broke off, and the log of its only epoch."""
    run = tmp_path_factory.mktemp("interrupted")
    return run, train_one_epoch(run)


def log_of(run: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]


def state_of(path: Path) -> dict[str, Any]:
    state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    return state


def test_each_epoch_is_logged_with_its_side(finished: FinishedRun) -> None:
    rows = log_of(finished.folder)

    assert [(row["epoch"], row["side_px"]) for row in rows] == [(0, 32), (1, 64)]
    assert all(0 <= row["held_out"] <= 1 for row in rows)


def test_training_learns_more_than_guessing(finished: FinishedRun) -> None:
    losses = [row["loss"] for row in log_of(finished.folder)]

    assert losses[1] < losses[0]
    assert losses[1] < GUESSING - 0.1


def test_the_run_remembers_its_recipe(finished: FinishedRun, recipe: Recipe) -> None:
    written = json.loads((finished.folder / "recipe.json").read_text())

    assert len(written.pop("labels_sha256")) == 64
    stages = tuple(tuple(stage) for stage in written.pop("stages"))
    assert Recipe(stages=stages, **written) == recipe


def test_the_finished_network_is_the_running_average(finished: FinishedRun) -> None:
    weights = state_of(finished.folder / "model.pth")["state_dict"]
    last = state_of(finished.folder / "last.pth")
    name = "_conv_head.weight"

    assert torch.equal(weights[name], last["averaged"][f"module.{name}"])
    assert not torch.equal(weights[name], last["module"][name])
    assert not torch.equal(weights[name], pretrained().state_dict()[name])


def test_the_statistics_of_the_average_are_measured_on_the_logos(finished: FinishedRun) -> None:
    weights = state_of(finished.folder / "model.pth")["state_dict"]
    trained = state_of(finished.folder / "last.pth")["module"]
    name = "_bn0.running_mean"

    # Without a measurement of its own the average would have those of the network in training.
    assert not torch.allclose(weights[name], trained[name], atol=1e-4)
    assert not torch.allclose(weights[name], pretrained().state_dict()[name], atol=1e-3)


def test_the_log_says_how_often_the_network_is_right_on_what_it_never_saw(
    finished: FinishedRun,
    examples: list[Example],
    images: list[LoadedImage],
    folds: NDArray[np.int64],
) -> None:
    network, side_px = read_checkpoint(finished.folder / "model.pth")
    chosen = np.flatnonzero(folds == HELD_OUT_FOLD)
    squares = torch.from_numpy(np.stack([fit_square(images[i], side_px) for i in chosen]))

    predicted = predict_logits(network, squares)[:, :4].argmax(dim=1).numpy()
    right = (predicted == type_targets([examples[index] for index in chosen])).mean()

    assert log_of(finished.folder)[-1]["held_out"] == pytest.approx(right)


def test_interrupted_training_resumes_and_ends_as_if_it_had_not_been(
    material: Material,
    recipe: Recipe,
    finished: FinishedRun,
    interrupted: tuple[Path, dict[str, Any]],
) -> None:
    run, first = interrupted
    assert not (run / "model.pth").exists()

    weights = train(material, run, recipe)

    rows, state = log_of(run), state_of(run / "last.pth")
    assert rows[0] == first
    assert rows == log_of(finished.folder)
    whole = state_of(finished.folder / "model.pth")["state_dict"]
    assert all(
        torch.equal(values, whole[name]) for name, values in state_of(weights)["state_dict"].items()
    )
    whole = state_of(finished.folder / "last.pth")
    assert state["epoch"] == whole["epoch"] == 2
    assert state["schedule"]["last_epoch"] == whole["schedule"]["last_epoch"]
    assert state["averaged"]["n_averaged"] == whole["averaged"]["n_averaged"]
    assert not list(run.glob("*.partial"))


@pytest.mark.parametrize("changed", ["seed", "labels"])
def test_a_checkpoint_of_another_origin_is_not_resumed(
    changed: str, material: Material, recipe: Recipe, finished: FinishedRun
) -> None:
    other = replace(recipe, seed=recipe.seed + (changed == "seed"))
    given = replace(material, examples=material.examples[1:]) if changed == "labels" else material

    with pytest.raises(ValueError, match="comes of another recipe"):
        train(given, finished.folder, other)

    assert len(log_of(finished.folder)) == 2


def test_finished_training_has_nothing_left_to_do(
    material: Material, recipe: Recipe, finished: FinishedRun
) -> None:
    before, rows = state_of(finished.folder / "model.pth"), log_of(finished.folder)

    after = state_of(train(material, finished.folder, recipe))

    assert log_of(finished.folder) == rows
    assert after["state_dict"].keys() == before["state_dict"].keys()
    for name, values in before["state_dict"].items():
        assert torch.equal(after["state_dict"][name], values)


def test_another_seed_gives_another_first_epoch(
    finished: FinishedRun, recipe: Recipe, train_one_epoch: TrainOneEpoch, tmp_path: Path
) -> None:
    row = train_one_epoch(tmp_path / "run", seed=recipe.seed + 1)

    assert row["loss"] != pytest.approx(log_of(finished.folder)[0]["loss"], rel=1e-3)


def test_the_labels_of_held_out_logos_do_not_reach_the_network(
    logos: Path,
    finished: FinishedRun,
    examples: list[Example],
    tmp_path: Path,
    train_one_epoch: TrainOneEpoch,
) -> None:
    lie = {"logo_type": "complex", "lettering": "0", "gradient": "0", "complex": "1"}
    held_out = str(HELD_OUT_FOLD)
    data = relabelled(
        logos, tmp_path / "data", lambda row: row | lie if row["fold"] == held_out else row
    )

    row = train_one_epoch(tmp_path / "run", given=prepare(data))

    assert (flag_targets(read_labels(data, "train")) != flag_targets(examples)).any()
    assert row["loss"] == pytest.approx(log_of(finished.folder)[0]["loss"], rel=1e-4)


def test_the_final_weights_are_a_share_of_the_way_back_to_the_start() -> None:
    torch.manual_seed(4)
    before, after = nn.Linear(3, 2), nn.Linear(3, 2)
    old, new = before.weight.clone(), after.weight.clone()

    mixed = weights_between(before, after, 0.25, [])

    assert torch.allclose(mixed.weight, 0.25 * old + 0.75 * new)  # type: ignore[arg-type]
    assert torch.equal(before.weight, old)
