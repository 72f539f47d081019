"""Draw pictures beside their traces, before and after."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from benchmarks.tracing.candidates import DEFAULTS, by_preset, by_type
from benchmarks.tracing.logos import Logo, resized
from benchmarks.tracing.measuring import ink_box, render
from logo_classifier.pictures.normalising import WHITE, composite
from logo_classifier.pictures.pixels import Pixels

MOST_BYTES = 300_000
_TILE_PX = 320
_HEAD_PX = 24
_GAP_PX = 8
_COLUMNS = ("picture", "VTracer's defaults", "our settings")


def draw(logos: Sequence[Logo], path: Path) -> None:
    """Write a WebP with a row a logo: a detail of it, enlarged, then of both traces.

    Raises ValueError if the file is larger than `MOST_BYTES`.
    """
    step = _TILE_PX + _GAP_PX
    size = (step * len(_COLUMNS) + _GAP_PX, _HEAD_PX + step * len(logos))
    sheet = Image.new("RGB", size, (236, 236, 236))
    pen = ImageDraw.Draw(sheet)
    for column, name in enumerate(_COLUMNS):
        pen.text((_GAP_PX + column * step, 6), name, fill=(0, 0, 0))
    for row, logo in enumerate(logos):
        for column, tile in enumerate(_tiles(logo)):
            place = (_GAP_PX + column * step, _HEAD_PX + row * step)
            sheet.paste(Image.fromarray(tile), place)
    sheet.save(path, "WEBP", quality=80, method=6)
    if (written := path.stat().st_size) > MOST_BYTES:
        raise ValueError(f"{path} has {written} bytes, more than {MOST_BYTES}")


def _tiles(logo: Logo) -> list[Pixels]:
    height, width = (2 * side for side in logo.rgba.shape[:2])
    box = _detail(logo.rgba)
    traces = [by_preset(DEFAULTS, logo.rgba), by_type(logo.rgba, logo.logo_type)]
    shown = [resized(logo.rgba, width, height), *(render(svg, width, height) for svg, _ in traces)]
    return [_tile(composite(each, WHITE)[box]) for each in shown]


def _detail(rgba: Pixels) -> tuple[slice, slice]:
    """Return a square of the picture at double size, from the top left of its ink."""
    corner = [2 * (each.start or 0) for each in ink_box(rgba)]
    return slice(corner[0], corner[0] + _TILE_PX), slice(corner[1], corner[1] + _TILE_PX)


def _tile(pixels: Pixels) -> Pixels:
    tile = np.full((_TILE_PX, _TILE_PX, 3), 255, np.uint8)
    tile[: pixels.shape[0], : pixels.shape[1]] = pixels
    return tile
