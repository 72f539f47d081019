"""The colours of the drawn pictures: a fixed palette, where training draws colours at random."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from logo_classifier.pictures.pixels import Colour

Rng = np.random.Generator
Stops = tuple[Colour, ...]

LEAST_CONTRAST = 40
"""Smallest difference in luma between ink and ground."""

_TOLD_APART = 60
"""Smallest difference between two inks in the largest channel."""

WHITE: Colour = (255, 255, 255)
LIGHT_GROUNDS: tuple[Colour, ...] = (WHITE, (247, 241, 227), (226, 234, 243))
GROUNDS: tuple[Colour, ...] = (*LIGHT_GROUNDS, WHITE, (19, 24, 38), (62, 20, 54))

INKS: tuple[Colour, ...] = (
    (17, 21, 28),
    (58, 64, 74),
    (179, 38, 30),
    (217, 91, 26),
    (138, 95, 16),
    (37, 110, 56),
    (13, 115, 119),
    (24, 84, 166),
    (45, 49, 143),
    (106, 43, 150),
    (176, 32, 104),
    (104, 58, 36),
)

FADES: tuple[Stops, ...] = (
    ((22, 46, 132), (70, 190, 228)),
    ((122, 24, 92), (240, 112, 72)),
    ((12, 92, 74), (128, 206, 84)),
    ((196, 32, 40), (245, 170, 44)),
    ((66, 30, 140), (214, 96, 190)),
    ((20, 24, 34), (118, 132, 156)),
    ((30, 64, 175), (30, 64, 175), (96, 202, 210)),
    ((84, 40, 22), (222, 164, 98)),
    ((10, 118, 140), (52, 58, 150), (168, 40, 128)),
    ((232, 62, 92), (150, 40, 160), (40, 70, 190)),
    ((16, 70, 110), (16, 150, 130)),
    ((140, 20, 30), (226, 86, 96)),
)
"""Fades that change one channel by 70 levels or more, from one stop to the next in equal steps."""

ONE_LIGHTNESS: tuple[Stops, ...] = (
    ((247, 56, 42), (28, 126, 255)),
    ((252, 28, 110), (9, 137, 184)),
    ((207, 102, 10), (146, 87, 247)),
    ((9, 184, 67), (250, 27, 231)),
    ((184, 143, 9), (11, 189, 224)),
    ((217, 52, 11), (7, 143, 109)),
    ((250, 72, 102), (11, 200, 26)),
    ((119, 78, 242), (67, 150, 8)),
)
"""Fades between two hues whose luma differs by at most six of 255 levels."""

METALS: tuple[Stops, ...] = (
    ((82, 88, 98), (214, 220, 228), (120, 128, 140), (236, 240, 244), (82, 88, 98)),
    ((120, 82, 18), (246, 220, 132), (168, 122, 36), (252, 236, 176), (120, 82, 18)),
    ((92, 48, 24), (226, 158, 112), (138, 78, 44), (238, 190, 152), (92, 48, 24)),
    ((44, 50, 62), (150, 160, 176), (70, 78, 92), (182, 190, 202), (44, 50, 62)),
)
"""Sheens that end as they begin, so that they also run in a circle."""


def luma(colour: Colour) -> float:
    """Return the lightness of a colour, 0 to 255, by ITU-R BT.601."""
    red, green, blue = colour
    return 0.299 * red + 0.587 * green + 0.114 * blue


def pick(colours: tuple[Colour, ...], rng: Rng) -> Colour:
    """Return one of these colours."""
    return colours[int(rng.integers(len(colours)))]


def pick_stops(fades: tuple[Stops, ...], rng: Rng) -> Stops:
    """Return one of these fades, in either direction."""
    stops = fades[int(rng.integers(len(fades)))]
    return stops if rng.random() < 0.5 else stops[::-1]


def pick_two(colours: tuple[Colour, ...], rng: Rng) -> tuple[Colour, Colour]:
    """Return two of these colours that are easily told apart."""
    while True:
        first, second = pick(colours, rng), pick(colours, rng)
        if max(abs(a - b) for a, b in zip(first, second, strict=True)) >= _TOLD_APART:
            return first, second


def pick_ground(inks: Stops, rng: Rng, grounds: tuple[Colour, ...] = GROUNDS) -> Colour:
    """Return a ground on which all of these inks are seen; raise ValueError if there is none."""
    seen = [
        ground
        for ground in grounds
        if min(abs(luma(ink) - luma(ground)) for ink in inks) >= LEAST_CONTRAST
    ]
    if not seen:
        raise ValueError(f"no ground shows all of {inks}")
    return pick(tuple(seen), rng)


def mix(stops: Stops, way: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Return the colours (h, w, 3) of a fade at these shares (h, w) of its way."""
    places = np.linspace(0, 1, len(stops))
    channels = [np.interp(way, places, [stop[channel] for stop in stops]) for channel in range(3)]
    return np.rint(np.stack(channels, axis=-1)).astype(np.uint8)
