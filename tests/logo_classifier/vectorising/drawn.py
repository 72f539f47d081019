"""Drawn logos whose trace is known."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

RED = (200, 30, 40, 255)


def disc(side_px: int = 96, ground: tuple[int, ...] = (0, 0, 0, 0)) -> NDArray[np.uint8]:
    """Return a smooth red disc on a ground, uint8 RGBA."""
    large = Image.new("RGBA", (4 * side_px, 4 * side_px), ground)
    edge = side_px // 2
    ImageDraw.Draw(large).ellipse((edge, edge, 4 * side_px - edge, 4 * side_px - edge), fill=RED)
    small = large.convert("RGBa").resize((side_px, side_px), Image.Resampling.BOX)
    return np.array(small.convert("RGBA"))


def png(pixels: NDArray[np.uint8] | None = None) -> bytes:
    """Return pixels as a PNG."""
    out = BytesIO()
    Image.fromarray(disc() if pixels is None else pixels).save(out, "PNG")
    return out.getvalue()
