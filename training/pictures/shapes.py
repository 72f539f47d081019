"""Draw plain geometric symbols, as masks: what small icons are made of."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw

from logo_classifier.pictures.pixels import Pixels
from training.pictures.augment import Rng

_SIDE_PX = 192
_SUPERSAMPLING = 2
_MARGIN = 0.04

Pen = ImageDraw.ImageDraw
"""Draws on a square whose side is `_SIDE_PX` times `_SUPERSAMPLING`."""


def symbol(rng: Rng) -> Pixels:
    """Return a mask, uint8 (192, 192), of one plain shape of one to four parts."""
    side = _SIDE_PX * _SUPERSAMPLING
    canvas = Image.new("L", (side, side))
    draw = _SHAPES[int(rng.integers(len(_SHAPES)))]
    draw(ImageDraw.Draw(canvas), float(side), rng)
    turned = canvas.rotate(float(rng.choice([0, 0, 0, 45, 90, 180])))
    return np.asarray(turned.resize((_SIDE_PX, _SIDE_PX), Image.Resampling.BOX))


def _disc(pen: Pen, side: float, rng: Rng) -> None:
    low, high = side * _MARGIN, side * (1 - _MARGIN)
    pen.ellipse((low, low, high, high), fill=255)
    if rng.random() < 0.5:  # a ring
        inner = side * rng.uniform(0.15, 0.38)
        pen.ellipse((inner, inner, side - inner, side - inner), fill=0)
        if rng.random() < 0.3:  # a target
            core = side * rng.uniform(inner / side + 0.06, 0.46)
            pen.ellipse((core, core, side - core, side - core), fill=255)


def _tile(pen: Pen, side: float, rng: Rng) -> None:
    low, high = side * _MARGIN, side * (1 - _MARGIN)
    tall = side * rng.uniform(0, 0.25) * (rng.random() < 0.4)
    radius = side * rng.uniform(0.05, 0.3) * (rng.random() < 0.6)
    pen.rounded_rectangle((low, low + tall, high, high - tall), radius, fill=255)
    if rng.random() < 0.35:
        inner = side * rng.uniform(0.15, 0.3)
        box = (inner, inner + tall / 2, side - inner, side - inner - tall / 2)
        pen.rounded_rectangle(box, radius / 2, fill=0)


def _polygon(pen: Pen, side: float, rng: Rng) -> None:
    corners = int(rng.choice([3, 3, 4, 5, 6, 8]))
    middle, radius = side / 2, side * (0.5 - _MARGIN)
    points = _around(middle, [radius] * corners)
    if rng.random() < 0.4:  # a star
        corners = int(rng.choice([4, 5, 6]))
        points = _around(middle, [radius, radius * rng.uniform(0.35, 0.55)] * corners)
    pen.polygon(points, fill=255)


def _around(middle: float, radii: list[float]) -> list[tuple[float, float]]:
    turn = 2 * math.pi / len(radii)
    return [
        (middle + radius * math.sin(turn * number), middle - radius * math.cos(turn * number))
        for number, radius in enumerate(radii)
    ]


def _cross(pen: Pen, side: float, rng: Rng) -> None:
    half, low = side * rng.uniform(0.06, 0.17), side * _MARGIN
    pen.rectangle((side / 2 - half, low, side / 2 + half, side - low), fill=255)
    if rng.random() < 0.8:
        pen.rectangle((low, side / 2 - half, side - low, side / 2 + half), fill=255)


def _bars(pen: Pen, side: float, rng: Rng) -> None:
    count = int(rng.integers(2, 5))
    pitch = side * (1 - 2 * _MARGIN) / count
    thick = pitch * rng.uniform(0.3, 0.75)
    radius = thick / 2 * (rng.random() < 0.4)
    ragged = rng.random() < 0.4
    for number in range(count):
        top = side * _MARGIN + pitch * number + (pitch - thick) / 2
        right = side * (1 - _MARGIN) - ragged * side * rng.uniform(0, 0.4)
        pen.rounded_rectangle((side * _MARGIN, top, right, top + thick), radius, fill=255)


def _dots(pen: Pen, side: float, rng: Rng) -> None:
    across = int(rng.integers(1, 3))
    down = int(rng.integers(2, 4)) if across == 1 else 2
    pitch = side * (1 - 2 * _MARGIN) / max(across, down)
    radius = pitch * rng.uniform(0.25, 0.48)
    for column in range(across):
        for row in range(down):
            x, y = (side * _MARGIN + pitch * (place + 0.5) for place in (column, row))
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)


def _line(pen: Pen, side: float, rng: Rng) -> None:
    """Draw a chevron, a tick or an arrow."""
    thick = round(side * rng.uniform(0.08, 0.2))
    low, high = side * 0.15, side * 0.85
    kinds = [
        [(low, high), (side / 2, low), (high, high)],
        [(low, side / 2), (side * 0.4, high), (high, low)],
        [(low, low), (high, low), (high, high)],
    ]
    pen.line(kinds[int(rng.integers(len(kinds)))], fill=255, width=thick, joint="curve")
    if rng.random() < 0.4:
        pen.line([(side / 2, low), (side / 2, high)], fill=255, width=thick)


def _cut_disc(pen: Pen, side: float, rng: Rng) -> None:
    """Draw a half disc, a sector, a crescent or a drop."""
    low, high = side * _MARGIN, side * (1 - _MARGIN)
    kind = rng.random()
    if kind < 0.5:
        pen.pieslice((low, low, high, high), 0, float(rng.choice([90, 180, 270, 300])), fill=255)
    elif kind < 0.75:
        pen.ellipse((low, low, high, high), fill=255)
        shift = side * rng.uniform(0.15, 0.4)
        pen.ellipse((low + shift, low, high + shift, high), fill=0)
    else:
        pen.ellipse((side * 0.2, side * 0.38, side * 0.8, high), fill=255)
        points = [(side * 0.5, low), (side * 0.23, side * 0.58), (side * 0.77, side * 0.58)]
        pen.polygon(points, fill=255)


_SHAPES: tuple[Callable[[Pen, float, Rng], None], ...] = (
    _disc,
    _disc,
    _tile,
    _polygon,
    _cross,
    _bars,
    _dots,
    _line,
    _cut_disc,
)
