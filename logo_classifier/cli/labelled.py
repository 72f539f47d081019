"""Read labelled pictures: a folder with a sub-folder a type, or a CSV of paths and types."""

from __future__ import annotations

import csv
from pathlib import Path

from logo_classifier import LogoType

_TYPE_COLUMNS = ("logo_type", "label")


def read_labels(data: Path) -> list[tuple[Path, LogoType]]:
    """Return each named picture, whether it is there or not, with its type, in order.

    A CSV has the columns `path` and `logo_type` (or `label`); its paths are relative to its folder.
    Hidden files are passed over. Raises ValueError with the place of an unknown type or a missing
    column, and if there are no pictures.
    """
    found = _read_csv(data) if data.is_file() else _read_folders(data)
    if not found:
        raise ValueError(f"there is no labelled picture in {data}")
    return found


def read_labelled(data: Path) -> list[tuple[Path, LogoType]]:
    """Return what `read_labels` does; raise ValueError also if a picture is not there."""
    found = read_labels(data)
    if missing := [path for path, _ in found if not path.is_file()]:
        raise ValueError(f"{len(missing)} of {len(found)} pictures are missing, as {missing[0]}")
    return found


def _read_csv(file: Path) -> list[tuple[Path, LogoType]]:
    # Spreadsheets write a byte order mark before the name of the first column.
    with open(file, newline="", encoding="utf-8-sig") as lines:
        reader = csv.DictReader(lines)
        names = reader.fieldnames or ()
        kind = next((name for name in _TYPE_COLUMNS if name in names), None)
        missing = [name for name in ("path", kind or "logo_type") if name not in names]
        if missing or kind is None:
            raise ValueError(f"{file} has no column {', '.join(missing)}")
        return [
            (file.parent / row["path"], _type(row[kind], f"line {reader.line_num}"))
            for row in reader
        ]


def _read_folders(folder: Path) -> list[tuple[Path, LogoType]]:
    return [
        (path, _type(place.name, f"folder {place.name}"))
        for place in _visible(folder)
        if place.is_dir()
        for path in _visible(place)
        if path.is_file()
    ]


def _visible(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if not path.name.startswith("."))


def _type(text: str, place: str) -> LogoType:
    try:
        return LogoType(text)
    except ValueError as error:
        raise ValueError(f"{place}: {text!r} is none of {', '.join(LogoType)}") from error
