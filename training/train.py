"""Fine-tune the network on all labels but those of `bench` and of one fold; small pictures first.

    python -m training.train --data data --run runs/logo-type

A checkpoint is written after every epoch and picked up again when the command is repeated.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn, update_bn
from torch.utils.data import DataLoader
from tqdm import tqdm

from app.classification.image import LoadedImage, fit_square
from training import model
from training.augment import cut_out
from training.dataset import (
    HELD_OUT_FOLD,
    TRAINING_SPLITS,
    Example,
    flag_targets,
    folds_of,
    load_all,
    read_labels,
    type_targets,
)
from training.fetch import fetch_fonts
from training.pictures import Labelled, Pictures
from training.synthesis import Typesetter, typesetter_from


@dataclass(frozen=True)
class Recipe:
    """Name every knob of the training run; the defaults make the committed model."""

    stages: tuple[tuple[int, int], ...] = ((160, 8), (192, 8))
    """(side in pixels, epochs), in order; the last side is that of the service."""
    drawn_share: float = 0.2
    """Drawn pictures in an epoch for each labelled one."""
    batch_size: int = 32
    peak_learning_rate: float = 8e-4
    warmup_share: float = 0.05
    weight_decay: float = 0.02
    label_smoothing: float = 0.05
    flag_weight: float = 1.0
    average_decay: float = 0.995
    statistics_batches: int = 20
    """Batches from which the averaged network's batch-norm statistics are measured anew."""
    seed: int = 1

    @property
    def side_px(self) -> int:
        """Return the side of the finished network's input."""
        return self.stages[-1][0]

    def side_of_epoch(self) -> list[int]:
        """Return the side of each epoch's pictures."""
        return [side for side, epochs in self.stages for _ in range(epochs)]


@dataclass(frozen=True)
class Material:
    """Hold what a run learns from and what watches it."""

    labelled: Labelled
    typesetter: Typesetter
    watched: list[Example]
    watched_images: list[LoadedImage]


def prepare(data: Path) -> Material:
    """Read the labels; set one fold aside; cut out the others' pictures; fetch the fonts."""
    examples = read_labels(data, *TRAINING_SPLITS)
    held_out = folds_of(examples) == HELD_OUT_FOLD
    parted = list(zip(examples, held_out, strict=True))
    watched = [example for example, out in parted if out and example.split == "train"]
    fitted = [example for example, out in parted if not out]
    with ThreadPoolExecutor(2) as pool:
        cutouts = list(tqdm(pool.map(cut_out, fitted), total=len(fitted), desc="cut", unit="img"))
    return Material(
        Labelled(cutouts, type_targets(fitted), flag_targets(fitted)),
        typesetter_from(fitted, cutouts, fetch_fonts(data / "packages")),
        watched,
        load_all(watched),
    )


def train(data: Path, run: Path, recipe: Recipe) -> Path:
    """Train by the recipe; return the path of the finished checkpoint.

    `run` receives `recipe.json`, `log.jsonl` (one line an epoch) and `model.pth`. Raises
    ValueError where it holds a checkpoint of another recipe or of other labels.
    """
    torch.manual_seed(recipe.seed)
    run.mkdir(parents=True, exist_ok=True)
    material = prepare(data)
    drawn = round(len(material.labelled.cutouts) * recipe.drawn_share)
    pictures = len(material.labelled.cutouts) + drawn
    labels_sha256 = hashlib.sha256((data / "labels.csv").read_bytes()).hexdigest()
    origin = json.dumps({**asdict(recipe), "labels_sha256": labels_sha256}, indent=2)
    trainer = Trainer(recipe, pictures // recipe.batch_size, origin)
    last = run / "last.pth"
    if last.exists():
        trainer.restore(last)
    (run / "recipe.json").write_text(origin + "\n")
    sides = recipe.side_of_epoch()
    for epoch in range(trainer.epoch, len(sides)):
        seed = recipe.seed * 1000 + epoch
        varied = Pictures(material.labelled, sides[epoch], seed, material.typesetter, drawn)
        mean_loss = trainer.run_epoch(varied)
        right = watch(trainer.averaged.module, material, sides[epoch])
        trainer.save(last)
        with open(run / "log.jsonl", "a") as log:
            row = {"epoch": epoch, "side_px": sides[epoch], "loss": mean_loss, "held_out": right}
            log.write(json.dumps(row) + "\n")
    return _write_checkpoint(trainer.averaged.module, recipe, run / "model.pth")


class Trainer:
    """Hold the network, its running average and the optimiser through the epochs.

    `origin` tells apart checkpoints that are no continuation of each other.
    """

    def __init__(self, recipe: Recipe, steps_per_epoch: int, origin: str) -> None:
        self.recipe, self.origin = recipe, origin
        self.epoch = 0
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.module = model.pretrained().to(self.device).to(memory_format=torch.channels_last)
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

    def run_epoch(self, varied: Pictures) -> float:
        """Run one pass over the pictures; return the mean loss."""
        # An epoch drops out the same whether training was interrupted before it or not.
        torch.manual_seed(varied.seed)
        generator = torch.Generator().manual_seed(varied.seed)
        loader = DataLoader(
            varied,
            self.recipe.batch_size,
            shuffle=True,
            drop_last=True,
            num_workers=2,
            generator=generator,
        )
        self.module.train()
        losses = [self.step(*batch) for batch in tqdm(loader, desc=f"epoch {self.epoch}")]
        self.epoch += 1
        self._refresh_statistics(loader)
        return float(np.mean(losses))

    def _refresh_statistics(self, loader: DataLoader[tuple[Tensor, Tensor, Tensor]]) -> None:
        # Averaged weights have activations of their own, and so have other picture sides.
        batches = islice(loader, self.recipe.statistics_batches)
        update_bn(
            (model.scale_pixels(pixels.to(self.device)) for pixels, _, _ in batches),
            self.averaged,
        )

    def step(self, pixels: Tensor, types: Tensor, flags: Tensor) -> float:
        """Take one optimiser step on a batch; return its loss."""
        pixels, types, flags = (t.to(self.device) for t in (pixels, types, flags))
        inputs = model.scale_pixels(pixels).contiguous(memory_format=torch.channels_last)
        with torch.autocast(self.device.type, dtype=torch.bfloat16):
            logits = self.module(inputs)
        value = model.loss(
            logits.float(), types, flags, self.recipe.label_smoothing, self.recipe.flag_weight
        )
        self.optimiser.zero_grad(set_to_none=True)
        value.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.module.parameters(), 5.0)
        self.optimiser.step()
        self.schedule.step()
        self.averaged.update_parameters(self.module)
        return float(value.detach())

    def save(self, path: Path) -> None:
        """Write everything that resuming needs."""
        parts = ("module", "averaged", "optimiser", "schedule")
        state = {part: getattr(self, part).state_dict() for part in parts}
        partial = path.with_suffix(".partial")
        torch.save({"origin": self.origin, "epoch": self.epoch, **state}, partial)
        partial.replace(path)

    def restore(self, path: Path) -> None:
        """Go on from what `save` wrote; raise ValueError for what came from elsewhere."""
        state = torch.load(path, map_location=self.device, weights_only=True)
        if state.pop("origin", None) != self.origin:
            raise ValueError(
                f"{path} comes of another recipe or other labels: choose another run folder"
            )
        self.epoch = state.pop("epoch")
        for part, values in state.items():
            getattr(self, part).load_state_dict(values)


def watch(module: nn.Module, material: Material, side_px: int) -> float:
    """Return the share of held-out pictures whose most probable type is the labelled one."""
    squares = np.stack([fit_square(image, side_px) for image in material.watched_images])
    device = next(module.parameters()).device
    logits = model.predict_logits(module, torch.from_numpy(squares).to(device)).cpu().numpy()
    predicted: NDArray[np.int64] = logits[:, : model.TYPES].argmax(axis=1)
    return float((predicted == type_targets(material.watched)).mean())


def _write_checkpoint(module: nn.Module, recipe: Recipe, path: Path) -> Path:
    checkpoint: model.Checkpoint = {
        "architecture": model.ARCHITECTURE,
        "input_side_px": recipe.side_px,
        "state_dict": {k: v.cpu().contiguous() for k, v in module.state_dict().items()},
    }
    torch.save(checkpoint, path)
    return path


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, required=True, help="folder of labels.csv and images/")
    parser.add_argument("--run", type=Path, required=True, help="folder for logs and checkpoints")
    parser.add_argument("--seed", type=int, default=Recipe.seed)
    arguments = parser.parse_args()
    print(train(arguments.data, arguments.run, Recipe(seed=arguments.seed)))


if __name__ == "__main__":
    main()
