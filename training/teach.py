"""Ask trained teachers what they see in the labelled pictures that the student will learn from.

    python -m training.teach --data data --teachers runs/teachers/* --out runs/soft_targets.npz

The student meets each view blurred, compressed or in few colours; the teachers see it undegraded.
So it learns to answer as they do when the picture is at its best (Beyer et al., "Knowledge
distillation: A good teacher is patient and consistent", CVPR 2022).
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils.data import DataLoader
from tqdm import tqdm

from training import model
from training.dataset import WORKERS
from training.pictures import Pictures, Variation
from training.recipe import STUDENT, TEACHER, Recipe
from training.soft_targets import SoftTargets
from training.train import Material, origin_of, prepare

_BATCH_SIZE = 128


def teach(material: Material, teachers: Sequence[nn.Module], recipe: Recipe) -> SoftTargets:
    """Return the teachers' mean probabilities for each labelled picture as each epoch shows it."""
    views = len(recipe.side_of_epoch())
    pictures = Pictures(material.labelled, material.typesetter, recipe, degraded=False)
    variations = [
        Variation(index, view, recipe.side_px)
        for view in range(views)
        for index in range(pictures.known)
    ]
    batches = [
        variations[start : start + _BATCH_SIZE] for start in range(0, len(variations), _BATCH_SIZE)
    ]
    loader = DataLoader(pictures, batch_sampler=batches, num_workers=WORKERS)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    seen = mean_probabilities(
        [teacher.to(device) for teacher in teachers],
        (pixels.to(device) for pixels, _ in tqdm(loader, desc="teach")),
    )
    return SoftTargets(seen.reshape(views, pictures.known, -1), material.labels_sha256)


def mean_probabilities(
    teachers: Sequence[nn.Module], batches: Iterable[Tensor]
) -> NDArray[np.float16]:
    """Return the mean over teachers of types' softmax and flags' sigmoid, shape (n, 7)."""
    means = []
    for pixels in batches:
        logits = torch.stack([model.predict_logits(teacher, pixels) for teacher in teachers])
        types = logits[..., : model.TYPES].softmax(dim=-1)
        flags = logits[..., model.TYPES :].sigmoid()
        mean = torch.cat([types, flags], dim=-1).mean(dim=0)
        means.append(mean.cpu().numpy().astype(np.float16))
    return np.concatenate(means)


def read_teacher(run: Path, recipe: Recipe, labels_sha256: str) -> nn.Module:
    """Return a finished teacher.

    Raises ValueError where it learnt by another recipe, its seed apart, or from other labels: among
    those may be pictures that the student is measured on.
    """
    learnt = json.loads((run / "recipe.json").read_text())
    expected = origin_of(labels_sha256, replace(recipe, seed=learnt["seed"]))
    if learnt != json.loads(expected):
        raise ValueError(
            f"{run} learnt by another recipe or from other labels: remove it and train anew"
        )
    return model.read_checkpoint(run / "model.pth")[0]


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder of labels.csv and images/")
    parser.add_argument("--teachers", type=Path, nargs="+", required=True, help="folders of runs")
    parser.add_argument("--out", type=Path, required=True, help="file to write")
    arguments = parser.parse_args()
    material = prepare(arguments.data)
    try:
        teachers = [
            read_teacher(run, TEACHER, material.labels_sha256) for run in arguments.teachers
        ]
    except (OSError, ValueError) as error:
        raise SystemExit(f"no teacher to ask: {error}") from error
    teach(material, teachers, STUDENT).write(arguments.out)


if __name__ == "__main__":
    main()
