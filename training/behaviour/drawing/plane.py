"""Draw shapes in one ink, with smooth edges: several pixels are drawn for each that is kept."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from logo_classifier.pictures.pixels import Pixels

Point = tuple[float, float]

_SMALL_PX = 64


class Plane:
    """A square of a given side in which places and lengths run from 0 to 1."""

    def __init__(self, side_px: int) -> None:
        self._side_px = side_px
        self._scale = side_px * (8 if side_px <= _SMALL_PX else 4)
        self._image = Image.new("L", (self._scale, self._scale))
        self._pen = ImageDraw.Draw(self._image)

    def disc(self, centre: Point, radius: float, ink: bool = True) -> None:
        """Fill a disc, or clear it."""
        self._pen.ellipse(self._around(centre, radius), fill=255 * ink)

    def circle(self, centre: Point, radius: float, width: float) -> None:
        """Draw a line of this width inside the rim of a disc."""
        self._pen.ellipse(self._around(centre, radius), outline=255, width=self._length(width))

    def box(self, corner: Point, opposite: Point, rounding: float = 0.0, ink: bool = True) -> None:
        """Fill a box, or clear it."""
        corners = (*self._place(corner), *self._place(opposite))
        self._pen.rounded_rectangle(corners, self._scale * rounding, fill=255 * ink)

    def polygon(self, points: Sequence[Point], ink: bool = True) -> None:
        """Fill a polygon, or clear it."""
        self._pen.polygon([self._place(point) for point in points], fill=255 * ink)

    def line(self, points: Sequence[Point], width: float) -> None:
        """Draw a line through these points."""
        places = [self._place(point) for point in points]
        self._pen.line(places, fill=255, width=self._length(width), joint="curve")

    def mask(self) -> Pixels:
        """Return the ink, uint8 (side, side): 255 where it covers a pixel."""
        size = (self._side_px, self._side_px)
        return np.asarray(self._image.resize(size, Image.Resampling.BOX))

    def _place(self, point: Point) -> Point:
        last = self._scale - 1
        return point[0] * last, point[1] * last

    def _around(self, centre: Point, radius: float) -> tuple[float, float, float, float]:
        x, y = centre
        return (*self._place((x - radius, y - radius)), *self._place((x + radius, y + radius)))

    def _length(self, width: float) -> int:
        return max(1, round(width * self._scale))
