"""Draw patterns of few or many flat parts: what the guide counts, with the count known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from app.classification.image import Pixels
from training.augment import Rng

FEW = (2, 8)
MANY = (18, 48)
"""Parts of what is simple and of what is complex; the guide draws the line at about twelve."""

_CANVAS_PX = 768
_SIDE_PX = 288
_MIDDLE = _CANVAS_PX / 2

Colours = list[tuple[int, int, int]]
Points = list[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Pattern:
    """Hold a drawn pattern, uint8 RGBA (h, w, 4), and the number of its parts."""

    rgba: Pixels
    parts: int

    @property
    def complex(self) -> bool:
        """Tell whether the guide calls so many parts complex."""
        return self.parts >= MANY[0]


def draw_pattern(rng: Rng) -> Pattern:
    """Return a random pattern of few or many parts, trimmed, at most 288 px a side."""
    low, high = MANY if rng.random() < 0.6 else FEW
    parts = 0
    while not low <= parts <= high:  # not all that is wanted may find room
        image = Image.new("RGBA", (_CANVAS_PX, _CANVAS_PX))
        kind = _KINDS[int(rng.integers(len(_KINDS)))]
        wanted = int(rng.integers(low, high + 1))
        parts = kind(ImageDraw.Draw(image), wanted, _colours(rng), rng)
    trimmed = image.crop(image.getchannel("A").getbbox())
    trimmed.thumbnail((_SIDE_PX, _SIDE_PX), Image.Resampling.BOX)
    return Pattern(np.asarray(trimmed), parts)


def _colours(rng: Rng) -> Colours:
    """Return one to four colours that a part may have; often a dark one alone."""
    dark = rng.random() < 0.3
    count = 1 if dark else int(rng.choice([1, 2, 3, 4], p=[0.4, 0.3, 0.2, 0.1]))
    drawn = rng.integers(0, 50 if dark else 256, (count, 3)).tolist()
    return [(red, green, blue) for red, green, blue in drawn]


def _ring(pen: ImageDraw.ImageDraw, parts: int, colours: Colours, rng: Rng) -> int:
    """Draw shapes around a middle."""
    sides, long = int(rng.choice([0, 2, 3, 4])), rng.uniform(0.5, 2.2)
    radius = rng.uniform(180, 260)
    size = min(110.0, np.pi * radius / parts * rng.uniform(0.5, 0.85))
    twist = rng.uniform(-0.8, 0.8) if rng.random() < 0.5 else 0.0
    for number in range(parts):
        angle = 2 * np.pi * number / parts
        x, y = _MIDDLE + radius * np.cos(angle), _MIDDLE + radius * np.sin(angle)
        shape = _shape(x, y, size, min(long, 180 / size), angle + twist, sides)
        pen.polygon(shape, fill=colours[number % len(colours)])
    return parts


def _grid(pen: ImageDraw.ImageDraw, parts: int, colours: Colours, rng: Rng) -> int:
    """Draw shapes in rows and columns, some left out."""
    columns = max(1, round(np.sqrt(parts) * rng.uniform(0.7, 1.4)))
    rows = -(-parts // columns)
    step = 700 / max(columns, rows)
    sides, angle = int(rng.choice([0, 3, 4])), rng.uniform(0, np.pi)
    places = rng.permutation(columns * rows)[:parts]
    for place in places.tolist():
        x, y = 34 + step * (place % columns + 0.5), 34 + step * (place // columns + 0.5)
        size = step * rng.uniform(0.3, 0.38)
        colour = colours[int(rng.integers(len(colours)))]
        pen.polygon(_shape(x, y, size, 1.0, angle, sides), fill=colour)
    return parts


def _stripes(pen: ImageDraw.ImageDraw, parts: int, colours: Colours, rng: Rng) -> int:
    """Draw parallel bars whose ends follow a disc, a wave or nothing."""
    step, thick = 700 / parts, rng.uniform(0.4, 0.7)
    end, upright = rng.choice(["disc", "wave", "none"]), rng.random() < 0.5
    phase = rng.uniform(0, 2 * np.pi)
    for number in range(parts):
        place = 34 + step * (number + 0.5)
        half = 340.0
        if end == "disc":
            half = max(30.0, float(np.sqrt(max(0, 350**2 - (place - _MIDDLE) ** 2))))
        elif end == "wave":
            half = 190 + 140 * float(np.sin(phase + number * 4.0 / parts * np.pi))
        left, right = place - step * thick / 2, place + step * thick / 2
        box = (left, _MIDDLE - half, right, _MIDDLE + half)
        turned = box if upright else (box[1], box[0], box[3], box[2])
        pen.rounded_rectangle(turned, step * thick / 2, fill=colours[number % len(colours)])
    return parts


def _rays(pen: ImageDraw.ImageDraw, parts: int, colours: Colours, rng: Rng) -> int:
    """Draw lines from near the middle outwards, of one length or two."""
    inner, short = rng.uniform(60, 170), rng.uniform(0.6, 1.0)
    wide = np.pi * inner / parts * rng.uniform(0.5, 0.8)
    for number in range(parts):
        angle = 2 * np.pi * number / parts
        outer = 360 * (short if number % 2 else 1.0)
        middle = (inner + outer) / 2
        x, y = _MIDDLE + middle * np.cos(angle), _MIDDLE + middle * np.sin(angle)
        long = (outer - inner) / 2 / wide
        pen.polygon(_shape(x, y, wide, long, angle, 4), fill=colours[number % len(colours)])
    return parts


def _scatter(pen: ImageDraw.ImageDraw, parts: int, colours: Colours, rng: Rng) -> int:
    """Draw shapes of several sizes here and there, apart from each other."""
    placed: list[tuple[float, float, float]] = []
    largest = 330 / np.sqrt(parts)
    sides = int(rng.choice([0, 2, 3, 4]))
    for _ in range(60 * parts):
        if len(placed) == parts:
            break
        size = largest * rng.uniform(0.35, 1.0)
        x, y = rng.uniform(size, _CANVAS_PX - size, 2).tolist()
        if all(np.hypot(x - u, y - v) > size + other + 8 for u, v, other in placed):
            placed.append((x, y, size))
            shape = _shape(x, y, size, 1.0, rng.uniform(0, np.pi), sides)
            pen.polygon(shape, fill=colours[int(rng.integers(len(colours)))])
    return len(placed)


def _shape(x: float, y: float, size: float, long: float, angle: float, sides: int) -> Points:
    """Return a polygon: an ellipse (0), a leaf (2), a triangle or a bar, `long` along `angle`."""
    if sides in (3, 4):
        corners = np.arange(sides) * 2 * np.pi / sides + (np.pi / 4 if sides == 4 else 0)
        outline = np.column_stack([np.cos(corners), np.sin(corners)])
    else:
        turn = np.linspace(0, 2 * np.pi, 48, endpoint=False)
        thin = np.sin(turn) * (1.0 if sides == 0 else np.abs(np.sin(turn)))
        outline = np.column_stack([np.cos(turn), thin])
    outline = outline * size * np.array([max(long, 0.4), 1.0])
    cosine, sine = np.cos(angle), np.sin(angle)
    turned = outline @ np.array([[cosine, sine], [-sine, cosine]])
    return [(x + float(u), y + float(v)) for u, v in turned]


_KINDS = (_ring, _grid, _stripes, _rays, _scatter)
