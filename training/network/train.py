"""Train a network on all labels except `bench` and the held-out fold.

    python -m training.network.train --data data --run runs/logo-type
    python -m training.network.train --data data --run runs/logo-vit --architecture logo-vit

A checkpoint is written after every epoch. The same command resumes from it.
"""

from __future__ import annotations

import argparse
import copy
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.optim.swa_utils import update_bn
from torch.utils.data import DataLoader
from tqdm import tqdm

from logo_classifier.pictures.image import LoadedImage, fit_square
from logo_classifier.versions.shipped import shipped
from training.labels.dataset import (
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
from training.labels.fetch import fetch_fonts
from training.network import model
from training.network.feed import Batches, Labelled, Pictures
from training.network.recipe import RECIPES, Recipe
from training.network.start import WEIGHTS, start_from
from training.network.trainer import Trainer
from training.network.vit import LogoVit, rest_of
from training.pictures.augment import cut_out
from training.pictures.synthesis import Typesetter, typesetter_from


@dataclass(frozen=True)
class Material:
    """The data of a run: examples for training, and `watched` ones of the held-out fold."""

    examples: list[Example]
    labelled: Labelled
    typesetter: Typesetter
    watched: list[Example]
    watched_images: list[LoadedImage]


def prepare(data: Path) -> Material:
    """Read labels, split off the held-out fold, prepare the other pictures, and fetch fonts."""
    examples = read_labels(data, *TRAINING_SPLITS)
    parted = list(zip(examples, folds_of(examples), strict=True))
    watched = [row for row, fold in parted if fold == HELD_OUT_FOLD and row.split == "train"]
    fitted = [row for row, fold in parted if fold != HELD_OUT_FOLD]
    with ThreadPoolExecutor(WORKERS) as pool:
        cutouts = list(tqdm(pool.map(cut_out, fitted), total=len(fitted), desc="cut", unit="img"))
    return Material(
        fitted,
        Labelled(cutouts, flag_targets(fitted)),
        typesetter_from(fitted, cutouts, fetch_fonts(data / "packages")),
        watched,
        load_all(watched),
    )


def train(material: Material, run: Path, recipe: Recipe) -> Path:
    """Train by the recipe from a published version; return the path of the final checkpoint.

    Writes `recipe.json`, `log.jsonl` (one line per epoch) and `model.pth` into `run`. Raises
    ValueError if `run` contains a checkpoint of another recipe or of other labels.
    """
    run.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(recipe.seed)
    pictures = Pictures(material.labelled, material.typesetter, recipe)
    steps = len(pictures) // recipe.batch_size
    origin = {**asdict(recipe), "labels_sha256": labels_digest(material.examples)}
    last = run / "last.pth"
    views = _first_views(pictures)
    started = model.pretrained()
    start_from(started, shipped().parent / recipe.start / WEIGHTS, views)
    network, teacher = _on(started, recipe.architecture)
    before = copy.deepcopy(network)
    trainer = Trainer(network, recipe, steps, json.dumps(origin, indent=2), teacher)
    if last.exists():
        trainer.restore(last)
    print(trainer.plan(steps))
    # A file of another recipe could be mistaken for the result of this one.
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
    final = weights_between(before, trainer.averaged.module, recipe.start_share, views)
    return _write_checkpoint(final, recipe, run / "model.pth")


def _on(started: nn.Module, architecture: str) -> tuple[nn.Module, nn.Module | None]:
    """Return the network to train and its teacher.

    It is the one that training starts from, without a teacher, or a vision transformer on its first
    blocks, taught by the others.
    """
    if architecture == model.ARCHITECTURE:
        return started, None
    return model.with_exact_depthwise(LogoVit(copy.deepcopy(started))), rest_of(started)


def _first_views(pictures: Pictures) -> list[Tensor]:
    """Return some batches of the first epoch, uint8 squares (n, side, side, 3)."""
    views = islice(Batches(pictures, first=0), pictures.recipe.statistics_batches)
    return [torch.stack([pictures[variation][0] for variation in batch]) for batch in views]


def weights_between(
    before: nn.Module, after: nn.Module, share: float, views: list[Tensor]
) -> nn.Module:
    """Return a network with a share of the weights of `before` and the rest of `after`.

    Training on new kinds of pictures costs some of what a network knew. Half way there it has most
    of both.
    """
    mixed = copy.deepcopy(before).cpu()
    old, new = before.cpu().state_dict(), after.cpu().state_dict()
    mixed.load_state_dict(
        {
            name: share * old[name] + (1 - share) * value if value.is_floating_point() else value
            for name, value in new.items()
        }
    )
    if 0 < share < 1:
        update_bn((model.scale_pixels(view) for view in views), mixed)
    return mixed


def watch(module: nn.Module, material: Material, side_px: int) -> float:
    """Return the accuracy (0-1) of the types on the held-out pictures."""
    squares = np.stack([fit_square(image, side_px) for image in material.watched_images])
    device = next(module.parameters()).device
    logits = model.predict_logits(module, torch.from_numpy(squares).to(device)).cpu().numpy()
    predicted: NDArray[np.int64] = logits[:, : model.TYPES].argmax(axis=1)
    return float((predicted == type_targets(material.watched)).mean())


def _write_checkpoint(module: nn.Module, recipe: Recipe, path: Path) -> Path:
    checkpoint: model.Checkpoint = {
        "architecture": recipe.architecture,
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
    parser.add_argument("--architecture", choices=list(RECIPES), default=model.ARCHITECTURE)
    parser.add_argument("--seed", type=int, help="of the whole run; default: that of the recipe")
    arguments = parser.parse_args()
    recipe = RECIPES[arguments.architecture]
    if arguments.seed is not None:
        recipe = replace(recipe, seed=arguments.seed)
    try:
        print(train(prepare(arguments.data), arguments.run, recipe))
    except ValueError as error:
        raise SystemExit(str(error)) from error


if __name__ == "__main__":
    main()
