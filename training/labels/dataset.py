"""Read the labelled logos.

A dataset is a folder with `labels.csv` and `images/<id>.png`. The columns are id, logo_type,
lettering, gradient, complex, split and name, and fold for pictures that models are fitted on.
An evaluation also accepts a folder with one folder per type, or a CSV file with the columns path
and logo_type.
"""

from __future__ import annotations

import csv
import hashlib
import os
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from logo_classifier.pictures.image import LoadedImage, load_image
from logo_classifier.values import LogoType

HELD_OUT_FOLD = 0
"""The fold that the network is never fitted on; its pictures of `train` are for calibration and
model selection."""

HELD_OUT = "held-out"
"""Name of the split with these pictures, without the disputed ones; for evaluation."""

WORKERS = len(os.sched_getaffinity(0))
"""Processor cores that this process may use."""

TRAINING_SPLITS = ("train", "extra")
"""`extra` was selected by the answers of networks, so it is for fitting, never for evaluation."""

_TYPES = tuple(kind.value for kind in LogoType)
_COLUMNS = ("id", "logo_type", "lettering", "gradient", "complex", "split", "name")


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled picture; `flags` are lettering, gradient, complex, None if not labelled.

    The readers of a `disputed` picture do not agree on its type.
    """

    id: str
    path: Path
    logo_type: LogoType
    flags: tuple[bool, bool, bool] | None
    split: str
    source: str
    brand: str
    disputed: bool = False
    fold: int | None = None


def read_labels(folder: Path, *splits: str) -> list[Example]:
    """Return the examples of the given splits, or of all splits, in the order of the file.

    Raises ValueError with the name of a missing column or an unknown type.
    """
    rows = _read_rows(folder / "labels.csv", _COLUMNS)
    return [_example(folder, row) for row in rows if not splits or row["split"] in splits]


def _read_rows(file: Path, columns: Sequence[str]) -> list[dict[str, str]]:
    # Spreadsheets write a byte order mark before the name of the first column.
    with open(file, newline="", encoding="utf-8-sig") as lines:
        reader = csv.DictReader(lines)
        missing = [name for name in columns if name not in (reader.fieldnames or ())]
        if missing:
            raise ValueError(f"{file} has no column {', '.join(missing)}")
        rows = []
        for row in reader:
            if row["logo_type"] not in _TYPES:
                line = f"line {reader.line_num} of {file}"
                raise ValueError(f"{line}: {row['logo_type']!r} is none of {', '.join(_TYPES)}")
            rows.append(row)
        return rows


def _example(folder: Path, row: dict[str, str]) -> Example:
    stem = Path(row["name"]).stem.lower().removeprefix("file-type-")
    return Example(
        id=row["id"],
        path=folder / "images" / f"{row['id']}.png",
        logo_type=LogoType(row["logo_type"]),
        flags=(row["lettering"] == "1", row["gradient"] == "1", row["complex"] == "1"),
        split=row["split"],
        source=row["id"].split("-")[0],
        brand=re.split(r"[-_.\s]", stem)[0],
        disputed=row.get("agreed") == "0",
        fold=int(row["fold"]) if row.get("fold") else None,
    )


def read_examples(data: Path, split: str) -> list[Example]:
    """Return the examples for an evaluation, in any of the three forms of a dataset.

    `split` only applies to a dataset with `labels.csv`, and may be `HELD_OUT`. Hidden files and
    folders are ignored. Raises ValueError with the name of a missing column or an unknown type,
    and if there is no picture.
    """
    if data.is_file():
        examples = _read_csv(data)
    elif (data / "labels.csv").exists():
        examples = _read_held_out(data) if split == HELD_OUT else read_labels(data, split)
    else:
        examples = _read_folders(data)
    if not examples:
        raise ValueError(f"no labelled picture in {data} (split {split})")
    return examples


def _read_held_out(data: Path) -> list[Example]:
    train = read_labels(data, "train")
    return [row for row in train if row.fold == HELD_OUT_FOLD and not row.disputed]


def _read_csv(file: Path) -> list[Example]:
    rows = _read_rows(file, ("path", "logo_type"))
    return [_plain_example(file.parent / row["path"], row["logo_type"]) for row in rows]


def _read_folders(data: Path) -> list[Example]:
    folders = [path for path in _visible(data) if path.is_dir()]
    return [
        _plain_example(path, folder.name)
        for folder in folders
        for path in _visible(folder)
        if path.is_file()
    ]


def _visible(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if not path.name.startswith("."))


def _plain_example(path: Path, logo_type: str) -> Example:
    kind = LogoType(logo_type)
    return Example(str(path), path, kind, None, split="", source="", brand=path.stem)


def load_all(examples: Sequence[Example]) -> list[LoadedImage]:
    """Load and normalise every picture as the service does, with a progress bar."""
    paths = [example.path for example in examples]
    if missing := [path for path in paths if not path.is_file()]:
        raise FileNotFoundError(
            f"{len(missing)} of {len(paths)} pictures are missing, such as {missing[0]}: "
            "fetch them with `make dataset`"
        )
    with ThreadPoolExecutor(WORKERS) as pool:
        return list(tqdm(pool.map(load_image, paths), total=len(paths), desc="load", unit="img"))


def labels_digest(examples: Sequence[Example]) -> str:
    """Return the SHA-256 of the pictures' ids and labels, in order."""
    lines = "\n".join(f"{example.id} {example.logo_type} {example.flags}" for example in examples)
    return hashlib.sha256(lines.encode()).hexdigest()


def type_of(lettering: bool, gradient: bool, complex_: bool) -> LogoType:
    """Return the type that follows from the flags: that of the part that is hardest to trace."""
    if complex_:
        return LogoType.COMPLEX
    if gradient:
        return LogoType.GRADIENT
    return LogoType.TEXT if lettering else LogoType.SIMPLE


def type_targets(examples: Sequence[Example]) -> NDArray[np.int64]:
    """Return the index of each example's type in `LogoType`, shape (n,)."""
    order = list(LogoType)
    return np.array([order.index(example.logo_type) for example in examples], np.int64)


def flag_targets(examples: Sequence[Example]) -> NDArray[np.float32]:
    """Return the three flags of each example as 0 or 1, shape (n, 3).

    Raises ValueError for an example without flags.
    """
    if any(example.flags is None for example in examples):
        raise ValueError("these labels have no flags: lettering, gradient, complex")
    return np.array([example.flags for example in examples], np.float32)


def folds_of(examples: Sequence[Example]) -> NDArray[np.int64]:
    """Return the fold of each example, shape (n,).

    Raises ValueError with the first id if an example has no fold.
    """
    without = [example.id for example in examples if example.fold is None]
    if without:
        raise ValueError(f"{without[0]} and {len(without) - 1} more have no fold: make folds")
    return np.array([example.fold for example in examples], np.int64)
