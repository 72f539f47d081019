"""Line drawings of 25 parts and more, which the guide calls complex."""

from __future__ import annotations

from collections.abc import Callable
from math import cos, hypot, pi, sin

from logo_classifier.pictures.pixels import Pixels
from training.behaviour.drawing.palette import Rng
from training.behaviour.drawing.plane import Plane, Point
from training.behaviour.drawing.symbols import corners

_CENTRE: Point = (0.5, 0.5)
_HAIR = 0.012


def line_drawing(name: str, side_px: int, rng: Rng) -> Pixels:
    """Return the ink of a line drawing, uint8 (side, side)."""
    plane = Plane(side_px)
    LINE_DRAWINGS[name](plane, rng)
    return plane.mask()


def _rosette(plane: Plane, rng: Rng) -> None:
    count = int(rng.integers(14, 22))
    for x, y in corners(count, 0.24):
        plane.circle((x, y), 0.24, _HAIR)
    plane.circle(_CENTRE, 0.49, 2 * _HAIR)


def _dial(plane: Plane, rng: Rng) -> None:
    count = int(rng.choice([36, 48, 60]))
    outer, inner = corners(count, 0.46), corners(count, 0.37)
    for tick in zip(outer, inner, strict=True):
        plane.line(tick, _HAIR)
    for centre in corners(12, 0.3):
        plane.disc(centre, 0.025)
    for radius in (0.49, 0.24, 0.2):
        plane.circle(_CENTRE, radius, _HAIR)
    plane.line([(0.5, 0.5), corners(12, 0.19)[int(rng.integers(12))]], 2 * _HAIR)


def _skyline(plane: Plane, rng: Rng) -> None:
    plane.line([(0.0, 0.95), (1.0, 0.95)], 2 * _HAIR)
    for house in range(6):
        left, top = 0.03 + 0.16 * house, float(rng.uniform(0.12, 0.55))
        right = left + 0.14
        plane.line([(left, 0.95), (left, top), (right, top), (right, 0.95)], _HAIR)
        floors = int((0.9 - top) / 0.09)
        for floor in range(floors):
            for window in range(2):
                x, y = left + 0.03 + 0.05 * window, top + 0.04 + 0.09 * floor
                plane.box((x, y), (x + 0.03, y + 0.045))


def _net(plane: Plane, rng: Rng) -> None:
    nodes: list[Point] = []
    while len(nodes) < 30:
        x, y = (float(value) for value in rng.uniform(0.06, 0.94, 2))
        if all(hypot(x - a, y - b) > 0.11 for a, b in nodes):
            nodes.append((x, y))
    for x, y in nodes:
        near = sorted(nodes, key=lambda node: hypot(x - node[0], y - node[1]))
        for neighbour in near[1:4]:
            plane.line([(x, y), neighbour], _HAIR)
    for node in nodes:
        plane.disc(node, 0.028)


def _halftone(plane: Plane, rng: Rng) -> None:
    turn = float(rng.uniform(0, 2 * pi))
    for row in range(13):
        for column in range(13):
            x, y = 0.04 + 0.0767 * column, 0.04 + 0.0767 * row
            if hypot(x - 0.5, y - 0.5) < 0.5:
                along = (x - 0.5) * cos(turn) + (y - 0.5) * sin(turn)
                plane.disc((x, y), 0.022 + 0.013 * (along / 0.5))


def _laurel(plane: Plane, rng: Rng) -> None:
    leaves = int(rng.integers(9, 13))
    for side in (-1, 1):
        for index in range(leaves):
            angle = pi / 2 + side * (0.2 + 2.3 * index / leaves)
            for radius, lean in ((0.4, 0.5), (0.46, -0.4)):
                x, y = 0.5 + radius * cos(angle), 0.5 + radius * sin(angle)
                _leaf(plane, (x, y), angle + side * (pi / 2 + lean))
    plane.line(
        [(0.34, 0.3), (0.66, 0.3), (0.66, 0.5), (0.5, 0.72), (0.34, 0.5), (0.34, 0.3)], _HAIR
    )
    for index in range(5):
        plane.line([(0.38 + 0.06 * index, 0.32), (0.38 + 0.06 * index, 0.52)], _HAIR)


def _leaf(plane: Plane, centre: Point, angle: float) -> None:
    x, y = centre
    ahead, beside = (
        (0.05 * cos(angle), 0.05 * sin(angle)),
        (-0.016 * sin(angle), 0.016 * cos(angle)),
    )
    plane.polygon(
        [
            (x - ahead[0], y - ahead[1]),
            (x + beside[0], y + beside[1]),
            (x + ahead[0], y + ahead[1]),
            (x - beside[0], y - beside[1]),
        ]
    )


def _waves(plane: Plane, rng: Rng) -> None:
    crests = float(rng.uniform(1.5, 3.0))
    for index in range(26):
        height = 0.06 + 0.88 * index / 25
        half = (max(0.0, 0.46**2 - (height - 0.5) ** 2)) ** 0.5
        steps = [0.5 - half + 2 * half * step / 24 for step in range(25)]
        wave = [(x, height + 0.018 * sin(2 * pi * crests * x + index / 2)) for x in steps]
        plane.line(wave, _HAIR)


LINE_DRAWINGS: dict[str, Callable[[Plane, Rng], None]] = {
    "rosette": _rosette,
    "dial": _dial,
    "skyline": _skyline,
    "net": _net,
    "halftone": _halftone,
    "laurel": _laurel,
    "waves": _waves,
}
