"""Each step keeps to the recipe."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from training.network.recipe import Recipe
from training.network.trainer import Trainer

STEPS = 8
RECIPE = Recipe(stages=((8, 2),), warmup_share=0.25)


def trainer(recipe: Recipe = RECIPE) -> Trainer:
    torch.manual_seed(1)
    layers = (nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    network = nn.Sequential(*layers, nn.Linear(4, 7))
    return Trainer(network, recipe, STEPS // 2, "origin")


def batch() -> tuple[Tensor, Tensor]:
    pixels = torch.randint(0, 256, (2, 8, 8, 3), dtype=torch.uint8)
    return pixels, torch.full((2, 7), 0.25)


def test_the_rate_rises_to_its_peak_and_falls_to_nothing() -> None:
    trained = trainer()
    group, rates = trained.optimiser.param_groups[0], []
    for _ in range(STEPS):
        rates.append(group["lr"])
        trained.step(*batch())

    assert rates.index(max(rates)) == 1
    assert max(rates) == pytest.approx(RECIPE.peak_learning_rate)
    assert rates[-1] < RECIPE.peak_learning_rate / 1000
    assert group["weight_decay"] == RECIPE.weight_decay


def test_gradients_are_bounded() -> None:
    trained = trainer(replace(RECIPE, flag_weight=1e4))

    trained.step(*batch())

    squares = sum(float(p.grad.square().sum()) for p in trained.module.parameters())
    assert squares**0.5 == pytest.approx(5, rel=1e-3)


def test_the_plan_tells_epochs_arithmetic_and_time_and_changes_nothing() -> None:
    planned = trainer()
    before = {name: value.clone() for name, value in planned.module.state_dict().items()}

    told = planned.plan(steps_per_epoch=4)

    kind = "bfloat16" if planned.in_bfloat16 else "float32"
    assert told.startswith(f"2 epochs in {kind}: about ")
    assert all(torch.equal(v, before[k]) for k, v in planned.module.state_dict().items())
