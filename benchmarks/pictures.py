"""Choose and make the pictures that are sent."""

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
    """Say that there is nothing to send."""


def choose(folder: Path, count: int, seed: int) -> list[Path]:
    """Return at most so many pictures of a folder, the same ones for the same seed.

    Of our dataset only those of `bench`: the rules are surer of what they were fitted on, and would
    ask the network less often than of pictures that they meet. Raises NoPictures for a folder that
    is missing or holds none.
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
    """Return a picture as a file whose longest side has so many pixels."""
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

    There are as many as the pictures fill, but at least one.
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
