"""Labels are read as they stand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from logo_classifier.pictures.image import LoadedImage
from logo_classifier.values import LogoType
from training.labels.dataset import (
    HELD_OUT,
    Example,
    flag_targets,
    folds_of,
    labels_digest,
    load_all,
    read_examples,
    read_labels,
    type_of,
    type_targets,
)

LABELS = """id,logo_type,lettering,gradient,complex,split,name,fold
cars-1,complex,1,0,1,train,Audi_Sport.2.png,3
git-2,simple,0,0,0,train,next.js,0
npm-3,text,1,0,0,bench,acme-dark.svg,
npm-4,gradient,0,1,0,train,ACME corp.svg,
"""


def labelled(folder: Path) -> Path:
    (folder / "labels.csv").write_text(LABELS)
    return folder


def test_labels_are_read_in_the_order_of_the_file(tmp_path: Path) -> None:
    rows = read_labels(labelled(tmp_path))

    assert [row.id for row in rows] == ["cars-1", "git-2", "npm-3", "npm-4"]
    assert rows[0] == Example(
        id="cars-1",
        path=tmp_path / "images" / "cars-1.png",
        logo_type=LogoType.COMPLEX,
        flags=(True, False, True),
        split="train",
        source="cars",
        brand="audi",
        fold=3,
    )


def test_only_the_split_asked_for_is_read(tmp_path: Path) -> None:
    assert [row.id for row in read_labels(labelled(tmp_path), "bench")] == ["npm-3"]
    assert read_labels(tmp_path, "nothing") == []


def test_held_out_pictures_are_those_of_train_that_nobody_disputes(tmp_path: Path) -> None:
    head, *rows = LABELS.splitlines()
    agreed = {"git-2": "1", "cars-1": "1", "npm-3": "", "npm-4": ""}
    lines = [f"{row},{agreed[row.split(',')[0]]}" for row in rows]
    lines += ["git-5,text,1,0,0,train,a.js,0,0", "npm-6,text,1,0,0,extra,b.js,0,"]
    (tmp_path / "labels.csv").write_text("\n".join([f"{head},agreed", *lines]) + "\n")

    assert [row.id for row in read_examples(tmp_path, HELD_OUT)] == ["git-2"]


def test_the_brand_is_the_first_word_of_the_name_in_lower_case(tmp_path: Path) -> None:
    brands = [row.brand for row in read_labels(labelled(tmp_path))]

    assert brands == ["audi", "next", "acme", "acme"]


def test_the_fold_is_that_of_the_file(tmp_path: Path) -> None:
    rows = read_labels(labelled(tmp_path))

    assert folds_of(rows[:2]).tolist() == [3, 0]
    with pytest.raises(ValueError, match="npm-3 and 1 more have no fold"):
        folds_of(rows)


def test_an_unknown_type_in_the_labels_is_refused(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text(LABELS.replace("gradient,0", "shaded,0"))

    with pytest.raises(ValueError, match="shaded"):
        read_labels(tmp_path)


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text("id,logo_type,lettering,gradient,complex,fold\n")

    with pytest.raises(ValueError, match=r"labels\.csv has no column split, name$"):
        read_labels(tmp_path)


def test_labels_without_a_line_are_refused(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_bytes(b"")

    with pytest.raises(ValueError, match="has no column id, "):
        read_labels(tmp_path)


def test_targets_are_indices_of_the_types_and_flags_of_0_or_1(tmp_path: Path) -> None:
    rows = read_labels(labelled(tmp_path))

    assert type_targets(rows).tolist() == [3, 0, 1, 2]
    assert type_targets(rows).dtype == np.int64
    assert flag_targets(rows).tolist() == [[1, 0, 1], [0, 0, 0], [1, 0, 0], [0, 1, 0]]
    assert flag_targets(rows).dtype == np.float32


def test_pictures_are_loaded_in_the_order_of_their_examples(
    examples: list[Example], images: list[LoadedImage]
) -> None:
    assert len(images) == len(examples)
    for row, image in zip(examples[::17], images[::17], strict=True):
        assert image.facts.bytes == row.path.stat().st_size
        assert load_all([row])[0].facts.sha256 == image.facts.sha256


def test_missing_pictures_are_counted_with_one_of_them_and_the_cure(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"^4 of 4 .*cars-1\.png: .*`make dataset`"):
        load_all(read_labels(labelled(tmp_path)))


def test_the_brand_of_a_file_type_icon_is_the_type(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text(
        LABELS + "vscode-1,simple,0,0,0,train,file-type-heroku,\n", encoding="utf-8"
    )

    assert read_labels(tmp_path)[-1].brand == "heroku"


def test_several_splits_are_read_together(tmp_path: Path) -> None:
    assert len(read_labels(labelled(tmp_path), "train", "bench")) == 4


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ((False, False, False), LogoType.SIMPLE),
        ((True, False, False), LogoType.TEXT),
        ((True, True, False), LogoType.GRADIENT),
        ((True, True, True), LogoType.COMPLEX),
        ((False, False, True), LogoType.COMPLEX),
    ],
)
def test_the_type_is_that_of_the_most_demanding_flag(
    flags: tuple[bool, bool, bool], expected: LogoType
) -> None:
    assert type_of(*flags) is expected


@pytest.mark.parametrize(
    "change", [{"id": "b"}, {"logo_type": LogoType.TEXT}, {"flags": (True, True, False)}]
)
def test_labels_that_differ_have_another_digest(change: dict[str, Any]) -> None:
    one = Example("a", Path("a"), LogoType.GRADIENT, (False, True, False), "train", "s", "b")

    assert labels_digest([replace(one, **change)]) != labels_digest([one])
