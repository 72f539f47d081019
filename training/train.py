r"""Fine-tune a teacher or the network that serves; from `bench` and from one fold neither learns.

    python -m training.train --data data --run runs/teachers/1 --teacher 1
    python -m training.train --data data --run runs/logo-type --soft-targets runs/soft_targets.npz \
        --start runs/teachers/1/model.pth

With `--teacher` it trains that teacher; with what `training.teach` wrote, and going on from the
weights of a teacher, the network that serves.
A checkpoint is written after every epoch and picked up again when the command is repeated.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.utils.data import DataLoader
from tqdm import tqdm

from app.classification.image import LoadedImage, fit_square
from training import model
from training.augment import cut_out
from training.dataset import (
    HELD_OUT_FOLD,
    TRAINING_SPLITS,
    WORKERS,
    Example,
    flag_targets,
    folds_of,
    labels_digest,
    load_all,
    read_labels,
    type_targets,
)
from training.fetch import fetch_fonts
from training.pictures import Batches, Labelled, Pictures
from training.recipe import STUDENT, TEACHERS, Recipe
from training.soft_targets import SoftTargets, read_soft_targets
from training.synthesis import Typesetter, typesetter_from
from training.trainer import Trainer


@dataclass(frozen=True)
class Material:
    """Hold what a run learns from and what watches it."""

    examples: list[Example]
    labelled: Labelled
    typesetter: Typesetter
    watched: list[Example]
    watched_images: list[LoadedImage]

    @property
    def labels_sha256(self) -> str:
        """Return the digest of the labels that are learnt from."""
        return labels_digest(self.examples)


def prepare(data: Path, unseen_folds: Sequence[int] = ()) -> Material:
    """Read the labels; set folds aside; cut out the other pictures; fetch the fonts."""
    examples = read_labels(data, *TRAINING_SPLITS)
    parted = list(zip(examples, folds_of(examples), strict=True))
    watched = [row for row, fold in parted if fold == HELD_OUT_FOLD and row.split == "train"]
    fitted = [row for row, fold in parted if fold not in (HELD_OUT_FOLD, *unseen_folds)]
    with ThreadPoolExecutor(WORKERS) as pool:
        cutouts = list(tqdm(pool.map(cut_out, fitted), total=len(fitted), desc="cut", unit="img"))
    return Material(
        fitted,
        Labelled(cutouts, flag_targets(fitted)),
        typesetter_from(fitted, cutouts, fetch_fonts(data / "packages")),
        watched,
        load_all(watched),
    )


def train(
    material: Material,
    run: Path,
    recipe: Recipe,
    soft_targets: SoftTargets | None = None,
    start: Path | None = None,
) -> Path:
    """Train by the recipe; return the path of the finished checkpoint.

    It goes on from the checkpoint `start`, without one from the ImageNet weights. `run` receives
    `recipe.json`, `log.jsonl` (one line an epoch) and `model.pth`. Raises ValueError where it holds
    a checkpoint of another recipe, or of other labels, teachers or first weights, and where the
    teachers saw other pictures.
    """
    run.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(recipe.seed)
    pictures = Pictures(material.labelled, material.typesetter, recipe, soft_targets)
    if soft_targets is not None:
        soft_targets.check(len(recipe.side_of_epoch()), pictures.known, material.labels_sha256)
    steps = len(pictures) // recipe.batch_size
    origin = origin_of(material.labels_sha256, recipe, soft_targets, start)
    trainer = Trainer(_first_network(start), recipe, steps, origin)
    last = run / "last.pth"
    if last.exists():
        trainer.restore(last)
    # What another recipe left here would pass for what this one makes.
    if trainer.epoch == 0:
        (run / "model.pth").unlink(missing_ok=True)
    (run / "recipe.json").write_text(trainer.origin + "\n")
    order = Batches(pictures, first=trainer.epoch)
    batches = iter(DataLoader(pictures, batch_sampler=order, num_workers=WORKERS))
    for epoch, side_px in list(enumerate(recipe.side_of_epoch()))[trainer.epoch :]:
        progress = tqdm(islice(batches, steps), total=steps, desc=f"epoch {epoch}")
        mean_loss = trainer.run_epoch(progress)
        right = watch(trainer.averaged.module, material, side_px)
        trainer.save(last)
        with open(run / "log.jsonl", "a") as log:
            row = {"epoch": epoch, "side_px": side_px, "loss": mean_loss, "held_out": right}
            log.write(json.dumps(row) + "\n")
    return _write_checkpoint(trainer.averaged.module, recipe, run / "model.pth")


def _first_network(start: Path | None) -> nn.Module:
    network = model.pretrained()
    if start is not None:
        network.load_state_dict(torch.load(start, weights_only=True)["state_dict"])
    return network


def origin_of(
    labels_sha256: str,
    recipe: Recipe,
    soft_targets: SoftTargets | None = None,
    start: Path | None = None,
) -> str:
    """Return as JSON what a run's outcome depends on, short of the code and the pictures."""
    origin = {**asdict(recipe), "labels_sha256": labels_sha256}
    if soft_targets is not None:
        origin["soft_targets_sha256"] = soft_targets.sha256
    if start is not None:
        origin["start_sha256"] = hashlib.sha256(start.read_bytes()).hexdigest()
    return json.dumps(origin, indent=2)


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
    model.save(checkpoint, path)
    return path


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, required=True, help="folder of labels.csv and images/")
    parser.add_argument("--run", type=Path, required=True, help="folder for logs and checkpoints")
    numbers = range(1, len(TEACHERS) + 1)
    parser.add_argument("--teacher", type=int, choices=numbers, help="train this one, by its seed")
    parser.add_argument("--seed", type=int, help="of the network that serves")
    parser.add_argument("--soft-targets", type=Path, help="what training.teach wrote")
    parser.add_argument("--start", type=Path, help="checkpoint of the teacher to go on from")
    arguments = parser.parse_args()
    data, run, taught = arguments.data, arguments.run, (arguments.soft_targets, arguments.start)
    if arguments.teacher and not any(taught) and arguments.seed is None:
        recipe = TEACHERS[arguments.teacher - 1]
        given: tuple[SoftTargets, Path] | tuple[()] = ()
    elif all(taught) and not arguments.teacher:
        recipe = STUDENT if arguments.seed is None else replace(STUDENT, seed=arguments.seed)
        given = read_soft_targets(arguments.soft_targets), arguments.start
    else:
        parser.error("give either --teacher, or --soft-targets, --start and perhaps --seed")
    try:
        print(train(prepare(data, recipe.unseen_folds), run, recipe, *given))
    except ValueError as error:
        raise SystemExit(str(error)) from error


if __name__ == "__main__":
    main()
