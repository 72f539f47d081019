r"""Ask teachers what they see in labelled pictures that they have not learnt from.

    python -m training.teach --data data --teachers runs/teachers/1 runs/teachers/2 \
        --out runs/soft_targets.npz

A network repeats the labels of what it has learnt from, wrong ones too; where it has not, it
doubts them (out-of-sample predictions: Northcutt et al., "Confident learning", JAIR 2021).
The student meets each view blurred, compressed or in few colours; the teachers see it undegraded.
So it learns to answer as they do when the picture is at its best (Beyer et al., "Knowledge
distillation: A good teacher is patient and consistent", CVPR 2022).
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.utils.data import DataLoader
from tqdm import tqdm

from training import model
from training.dataset import WORKERS, Example, folds_of, labels_digest
from training.pictures import Pictures, Variation
from training.recipe import STUDENT, TEACHERS, Recipe
from training.soft_targets import SoftTargets
from training.train import Material, origin_of, prepare

_BATCH_SIZE = 128
_OUTPUTS = model.TYPES + model.TRAITS


@dataclass(frozen=True)
class Teacher:
    """Hold a trained network, the side of its input, and the folds it has not learnt from."""

    network: nn.Module
    side_px: int
    unseen_folds: tuple[int, ...]


def teach(material: Material, teachers: Sequence[Teacher], recipe: Recipe) -> SoftTargets:
    """Return what a teacher that has not learnt from it says of each picture in each epoch.

    Where there are several such, the last one answers. Raises ValueError where there are pictures
    that every teacher has learnt from.
    """
    views = len(recipe.side_of_epoch())
    pictures = Pictures(material.labelled, material.typesetter, recipe, degraded=False)
    folds = folds_of(material.examples)
    if not np.isin(folds, [fold for one in teachers for fold in one.unseen_folds]).all():
        raise ValueError("there are pictures that every teacher has learnt from")
    said = np.empty((views, pictures.known, _OUTPUTS), np.float16)
    for teacher in teachers:
        unseen = np.flatnonzero(np.isin(folds, teacher.unseen_folds))
        variations = [
            Variation(index, view, teacher.side_px)
            for view in range(views)
            for index in unseen.tolist()
        ]
        said[:, unseen] = ask(teacher.network, pictures, variations).reshape(views, -1, _OUTPUTS)
    return SoftTargets(said, material.labels_sha256)


def ask(network: nn.Module, pictures: Pictures, variations: list[Variation]) -> NDArray[np.float16]:
    """Return the types' softmax and the flags' sigmoids of these variations, shape (n, 7)."""
    batches = [
        variations[start : start + _BATCH_SIZE] for start in range(0, len(variations), _BATCH_SIZE)
    ]
    loader = DataLoader(pictures, batch_sampler=batches, num_workers=WORKERS)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    network = network.to(device)
    answers = [np.empty((0, _OUTPUTS), np.float16)]
    for pixels, _ in tqdm(loader, desc="teach"):
        logits = model.predict_logits(network, pixels.to(device))
        types, flags = logits[:, : model.TYPES].softmax(dim=1), logits[:, model.TYPES :].sigmoid()
        answers.append(torch.cat([types, flags], dim=1).cpu().numpy().astype(np.float16))
    return np.concatenate(answers)


def read_teacher(run: Path, recipe: Recipe, examples: Sequence[Example]) -> Teacher:
    """Return the finished teacher of this recipe, which learnt from these examples at most.

    Raises ValueError where it learnt by another recipe or from other labels: among those may be
    pictures that it is to be asked of, or that the student is measured on.
    """
    learnt = [row for row in examples if row.fold not in recipe.unseen_folds]
    expected = origin_of(labels_digest(learnt), recipe)
    if (run / "recipe.json").read_text() != expected + "\n":
        raise ValueError(
            f"{run} learnt by another recipe or from other labels: remove it and train anew"
        )
    return Teacher(*model.read_checkpoint(run / "model.pth"), recipe.unseen_folds)


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder of labels.csv and images/")
    parser.add_argument(
        "--teachers", type=Path, nargs=len(TEACHERS), required=True, help="folders of their runs"
    )
    parser.add_argument("--out", type=Path, required=True, help="file to write")
    arguments = parser.parse_args()
    material = prepare(arguments.data)
    try:
        teachers = [
            read_teacher(run, recipe, material.examples)
            for run, recipe in zip(arguments.teachers, TEACHERS, strict=True)
        ]
    except (OSError, ValueError) as error:
        raise SystemExit(f"no teacher to ask: {error}") from error
    teach(material, teachers, STUDENT).write(arguments.out)


if __name__ == "__main__":
    main()
