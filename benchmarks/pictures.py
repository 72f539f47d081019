"""Choose and make the pictures for the requests."""

from __future__ import annotations

import csv
import random
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from PIL import Image

SUFFIXES = {".png", ".jpg", ".jpeg", ".gif", ".bmp"}
BOUNDARY = "logo-benchmark-boundary"
FORM_TYPE = f"multipart/form-data; boundary={BOUNDARY}"


class NoPictures(Exception):
    """No picture to send."""


def choose(folder: Path, count: int, seed: int) -> list[Path]:
    """Return at most `count` random pictures of a folder; a seed always gives the same ones.

    In our dataset only pictures of `bench` are chosen. On pictures that they were fitted on, the
    rules are more confident, so the network would run less often than in practice. Raises
    NoPictures for a folder that is missing or has no pictures.
    """
    found = sorted(p for p in folder.glob("*") if p.suffix.lower() in SUFFIXES)
    labels = folder.parent / "labels.csv"
    if labels.exists():
        with labels.open(newline="", encoding="utf-8") as lines:
            unseen = {row["id"] for row in csv.DictReader(lines) if row["split"] == "bench"}
        found = [path for path in found if path.stem in unseen]
    if not found:
        raise NoPictures(
            f"no pictures in {folder}: fetch the dataset with `make dataset`, "
            "or name another folder with --pictures"
        )
    return random.Random(seed).sample(found, min(count, len(found)))  # noqa: S311


def resized(path: Path, side_px: int, format_name: str) -> bytes:
    """Return a picture as a file of this format, with its longest side resized to `side_px`."""
    with Image.open(path) as file:
        image = Image.new("RGBA", file.size, "white")
        image.alpha_composite(file.convert("RGBA"))
    factor = side_px / max(image.size)
    size = (max(10, round(image.width * factor)), max(10, round(image.height * factor)))
    out = BytesIO()
    image.convert("RGB").resize(size, Image.Resampling.BICUBIC).save(out, format_name)
    return out.getvalue()


def write_forms(
    folder: Path, pictures: Sequence[Path], size: int, field: str = "images"
) -> list[Path]:
    """Write forms of `size` pictures each, all in one field; return their paths.

    Only full forms are written, but at least one, which repeats pictures if there are too few.
    """
    folder.mkdir(parents=True, exist_ok=True)
    groups = [pictures[i : i + size] for i in range(0, len(pictures) - size + 1, size)]
    paths = []
    for number, group in enumerate(groups or [[pictures[i % len(pictures)] for i in range(size)]]):
        parts = [_part(path, field) for path in group]
        paths.append(folder / f"batch-{size}-{number}")
        paths[-1].write_bytes(b"".join(parts) + f"--{BOUNDARY}--\r\n".encode())
    return paths


def _part(path: Path, field: str) -> bytes:
    head = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"; '
        f'filename="{path.name}"\r\nContent-Type: application/octet-stream\r\n\r\n'
    )
    return head.encode() + path.read_bytes() + b"\r\n"
