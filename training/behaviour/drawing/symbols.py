"""Flat symbols of few parts, as icons have them."""

from __future__ import annotations

from collections.abc import Callable
from math import cos, pi, sin

from logo_classifier.pictures.pixels import Pixels
from training.behaviour.drawing.plane import Plane, Point

_CENTRE: Point = (0.5, 0.5)


def symbol(name: str, side_px: int) -> Pixels:
    """Return the ink of a symbol, uint8 (side, side)."""
    plane = Plane(side_px)
    SYMBOLS[name](plane)
    return plane.mask()


def corners(count: int, radius: float, turn: float = -pi / 2) -> list[Point]:
    """Return the corners of a regular polygon around the centre, the first one at the top."""
    angles = [turn + 2 * pi * index / count for index in range(count)]
    return [(0.5 + radius * cos(angle), 0.5 + radius * sin(angle)) for angle in angles]


def _disc(plane: Plane) -> None:
    plane.disc(_CENTRE, 0.46)


def _ring(plane: Plane) -> None:
    plane.disc(_CENTRE, 0.46)
    plane.disc(_CENTRE, 0.28, ink=False)


def _square(plane: Plane) -> None:
    plane.box((0.1, 0.1), (0.9, 0.9))


def _rounded_square(plane: Plane) -> None:
    plane.box((0.06, 0.06), (0.94, 0.94), rounding=0.2)


def _triangle(plane: Plane) -> None:
    plane.polygon([(0.5, 0.08), (0.95, 0.9), (0.05, 0.9)])


def _cross(plane: Plane) -> None:
    plane.line([(0.16, 0.16), (0.84, 0.84)], 0.18)
    plane.line([(0.84, 0.16), (0.16, 0.84)], 0.18)


def _plus(plane: Plane) -> None:
    plane.box((0.4, 0.08), (0.6, 0.92))
    plane.box((0.08, 0.4), (0.92, 0.6))


def _star(plane: Plane) -> None:
    outer, inner = corners(5, 0.48), corners(5, 0.2, turn=-pi / 2 + pi / 5)
    plane.polygon([point for pair in zip(outer, inner, strict=True) for point in pair])


def _hamburger(plane: Plane) -> None:
    for top in (0.16, 0.43, 0.7):
        plane.box((0.08, top), (0.92, top + 0.14))


def _arrow(plane: Plane) -> None:
    plane.box((0.06, 0.4), (0.6, 0.6))
    plane.polygon([(0.54, 0.14), (0.95, 0.5), (0.54, 0.86)])


def _heart(plane: Plane) -> None:
    plane.disc((0.29, 0.34), 0.23)
    plane.disc((0.71, 0.34), 0.23)
    plane.polygon([(0.085, 0.44), (0.29, 0.3), (0.71, 0.3), (0.915, 0.44), (0.5, 0.92)])


def _chevron(plane: Plane) -> None:
    plane.line([(0.32, 0.1), (0.72, 0.5), (0.32, 0.9)], 0.18)


def _half_disc(plane: Plane) -> None:
    plane.disc(_CENTRE, 0.46)
    plane.box((0.0, 0.5), (1.0, 1.0), ink=False)


def _diamond(plane: Plane) -> None:
    plane.polygon(corners(4, 0.48))


def _hexagon(plane: Plane) -> None:
    plane.polygon(corners(6, 0.48))


def _drop(plane: Plane) -> None:
    plane.disc((0.5, 0.63), 0.31)
    plane.polygon([(0.5, 0.04), (0.775, 0.49), (0.225, 0.49)])


def _crescent(plane: Plane) -> None:
    plane.disc((0.46, 0.5), 0.44)
    plane.disc((0.66, 0.4), 0.38, ink=False)


def _tick(plane: Plane) -> None:
    plane.line([(0.1, 0.54), (0.38, 0.8), (0.9, 0.2)], 0.17)


def _bolt(plane: Plane) -> None:
    plane.polygon([(0.6, 0.04), (0.18, 0.56), (0.46, 0.56), (0.38, 0.96), (0.82, 0.4), (0.54, 0.4)])


def _play(plane: Plane) -> None:
    plane.disc(_CENTRE, 0.47)
    plane.polygon([(0.4, 0.28), (0.74, 0.5), (0.4, 0.72)], ink=False)


def _house(plane: Plane) -> None:
    plane.polygon([(0.5, 0.06), (0.96, 0.5), (0.04, 0.5)])
    plane.box((0.18, 0.5), (0.82, 0.92))
    plane.box((0.42, 0.62), (0.58, 0.93), ink=False)


def _bookmark(plane: Plane) -> None:
    plane.polygon([(0.22, 0.05), (0.78, 0.05), (0.78, 0.95), (0.5, 0.72), (0.22, 0.95)])


SYMBOLS: dict[str, Callable[[Plane], None]] = {
    "disc": _disc,
    "ring": _ring,
    "square": _square,
    "rounded square": _rounded_square,
    "triangle": _triangle,
    "cross": _cross,
    "plus": _plus,
    "star": _star,
    "hamburger": _hamburger,
    "arrow": _arrow,
    "heart": _heart,
    "chevron": _chevron,
    "half disc": _half_disc,
    "diamond": _diamond,
    "hexagon": _hexagon,
    "drop": _drop,
    "crescent": _crescent,
    "tick": _tick,
    "bolt": _bolt,
    "play": _play,
    "house": _house,
    "bookmark": _bookmark,
}

BROAD = ("disc", "rounded square", "star", "heart", "diamond", "hexagon", "drop", "play", "house")
"""Symbols with an area wide enough to show a fade where they are small."""
