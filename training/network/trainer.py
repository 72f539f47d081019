"""The training loop: optimiser steps, weight averaging (EMA), and checkpoints for resuming."""

from __future__ import annotations

import copy
import time
from collections import deque
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn, update_bn

from training.network import model
from training.network.recipe import Recipe
from training.network.vit import LogoVit


class Trainer:
    """The network of a training run with its weight average (EMA), optimiser and schedule.

    `origin` identifies recipe and labels. A checkpoint with another origin cannot be resumed.
    `teacher` says a share of the targets, from what the fixed blocks of a `LogoVit` give.
    """

    def __init__(
        self,
        network: nn.Module,
        recipe: Recipe,
        steps_per_epoch: int,
        origin: str,
        teacher: nn.Module | None = None,
    ) -> None:
        self.recipe, self.origin = recipe, origin
        self.epoch = 0
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.in_bfloat16 = self.device.type == "cuda" or _computes_in_bfloat16()
        self.module = network.to(self.device).to(memory_format=torch.channels_last)
        self.teacher = teacher.to(self.device).eval() if teacher is not None else None
        self.averaged = AveragedModel(
            self.module,
            multi_avg_fn=get_ema_multi_avg_fn(recipe.average_decay),  # type: ignore[no-untyped-call]
        )
        self.optimiser = torch.optim.AdamW(
            self.module.parameters(), weight_decay=recipe.weight_decay
        )
        self.schedule = torch.optim.lr_scheduler.OneCycleLR(
            self.optimiser,
            max_lr=recipe.peak_learning_rate,
            total_steps=steps_per_epoch * len(recipe.side_of_epoch()),
            pct_start=recipe.warmup_share,
        )

    def run_epoch(self, batches: Iterable[tuple[Tensor, Tensor]]) -> float:
        """Train for one epoch on batches of (pixels, targets); return the mean loss."""
        # Dropout in an epoch must be the same whether or not training was interrupted before it.
        torch.manual_seed(self.recipe.seed * 1000 + self.epoch)
        self.module.train()
        losses = []
        last: deque[Tensor] = deque(maxlen=self.recipe.statistics_batches)
        for pixels, targets in batches:
            losses.append(self.step(pixels, targets))
            last.append(pixels)
        # Averaged weights and other picture sides change the activations, so batch-norm statistics
        # are measured again.
        inputs = (model.scale_pixels(pixels.to(self.device)) for pixels in last)
        update_bn(inputs, self.averaged)
        self.epoch += 1
        return float(np.mean([float(loss) for loss in losses]))

    def plan(self, steps_per_epoch: int) -> str:
        """Return what is left to do, the type of the arithmetic, and about how long it takes."""
        left = self.recipe.side_of_epoch()[self.epoch :]
        took_seconds = {side: self._time_step(side) for side in set(left)}
        minutes = sum(took_seconds[side] for side in left) * steps_per_epoch / 60
        kind = "bfloat16" if self.in_bfloat16 else "float32"
        return f"{len(left)} epochs in {kind}: about {minutes:.0f} minutes on this machine"

    def _time_step(self, side_px: int) -> float:
        """Return the seconds of one pass there and back; weights and statistics stay."""
        trial = copy.deepcopy(self.module).train()
        pixels = torch.zeros((self.recipe.batch_size, side_px, side_px, 3), dtype=torch.uint8)
        for _ in range(2):  # the first one also sets up memory
            began_seconds = time.perf_counter()
            inputs = model.scale_pixels(pixels.to(self.device))
            inputs = inputs.contiguous(memory_format=torch.channels_last)
            with self._precision():
                logits, _ = self._answer(trial, inputs)
            logits.float().sum().backward()  # type: ignore[no-untyped-call]
        return time.perf_counter() - began_seconds

    def _precision(self) -> torch.autocast:
        return torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.in_bfloat16)

    def step(self, pixels: Tensor, targets: Tensor) -> Tensor:
        """Take one optimiser step on a batch; return its loss."""
        pixels, targets = pixels.to(self.device), targets.to(self.device)
        inputs = model.scale_pixels(pixels).contiguous(memory_format=torch.channels_last)
        with self._precision():
            logits, taught = self._answer(self.module, inputs)
        logits = logits.float()
        doubt = model.uncertainty_loss(logits, targets)
        if taught is not None:
            targets = model.blend_targets(targets, taught.float(), self.recipe.taught_share)
        loss = model.loss(logits, targets, self.recipe.flag_weight) + doubt
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.module.parameters(), 5.0)
        self.optimiser.step()
        self.schedule.step()
        self.averaged.update_parameters(self.module)
        return loss.detach()

    def _answer(self, module: nn.Module, inputs: Tensor) -> tuple[Tensor, Tensor | None]:
        """Return the logits of scaled pixels, and those (n, 7) of the teacher if there is one."""
        if self.teacher is None or not isinstance(module, LogoVit):
            return module(inputs), None
        with torch.no_grad():
            features = module.fixed(inputs)
            taught = self.teacher(features)
        return module.read(features), taught

    def save(self, path: Path) -> None:
        """Write a checkpoint with everything that resuming needs."""
        parts = ("module", "averaged", "optimiser", "schedule")
        state = {part: getattr(self, part).state_dict() for part in parts}
        model.save({"origin": self.origin, "epoch": self.epoch, **state}, path)

    def restore(self, path: Path) -> None:
        """Resume from a checkpoint of `save`; raise ValueError if its origin is another one."""
        state = torch.load(path, map_location=self.device, weights_only=True)
        if state.pop("origin", None) != self.origin:
            raise ValueError(
                f"{path} comes of another recipe, or of other labels: "
                "remove it, or choose another run folder"
            )
        self.epoch = state.pop("epoch")
        for part, values in state.items():
            getattr(self, part).load_state_dict(values)


def _computes_in_bfloat16() -> bool:
    """Return whether this CPU has bfloat16; elsewhere it is several times slower than float32."""
    able = torch.cpu.get_capabilities()
    return bool(able.get("avx512_bf16") or able.get("amx_bf16"))
