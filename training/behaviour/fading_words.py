"""Words whose colour fades: along the word, across the letters, in outlines, between hues."""

from __future__ import annotations

from functools import partial

from logo_classifier.pictures.pixels import Pixels
from logo_classifier.values import LogoType
from training.behaviour.drawing.fades import DIRECTIONS, way_of
from training.behaviour.drawing.files import File, write_any
from training.behaviour.drawing.inks import faded
from training.behaviour.drawing.lettering import outline_text, pick_font, pick_word, set_text
from training.behaviour.drawing.palette import (
    FADES,
    ONE_LIGHTNESS,
    Rng,
    Stops,
    pick_ground,
    pick_stops,
)
from training.behaviour.kind import Fonts, Kind

_WIDTHS_PX = (200, 480)
_STROKES = (0.03, 0.06)
"""Widths of outlines as shares of the size of the font."""


def _filled(fonts: Fonts, rng: Rng) -> Pixels:
    width = int(rng.integers(*_WIDTHS_PX))
    return set_text(pick_font(fonts, rng), pick_word(rng), width)


def _outlined(fonts: Fonts, rng: Rng) -> Pixels:
    width, stroke = int(rng.integers(*_WIDTHS_PX)), float(rng.uniform(*_STROKES))
    return outline_text(pick_font(fonts, rng), pick_word(rng), width, stroke)


def _fading(mask: Pixels, direction: str, fades: tuple[Stops, ...], rng: Rng) -> list[File]:
    stops = pick_stops(fades, rng)
    rgba = faded(mask, stops, way_of(direction, mask, rng))
    return [write_any(rgba, pick_ground(stops, rng), direction, rng)]


def _draw(direction: str, fonts: Fonts, _number: int, rng: Rng) -> list[File]:
    return _fading(_filled(fonts, rng), direction, FADES, rng)


def _draw_outlined(fonts: Fonts, number: int, rng: Rng) -> list[File]:
    direction = ("along", "down", "diagonally")[number % 3]
    return _fading(_outlined(fonts, rng), direction, FADES, rng)


def _draw_one_lightness(fonts: Fonts, number: int, rng: Rng) -> list[File]:
    direction = DIRECTIONS[number % len(DIRECTIONS)]
    return _fading(_filled(fonts, rng), direction, ONE_LIGHTNESS, rng)


FADING_WORDS = (
    Kind("word fades along", LogoType.GRADIENT, 120, partial(_draw, "along")),
    Kind("word fades down", LogoType.GRADIENT, 80, partial(_draw, "down")),
    Kind("word fades diagonally", LogoType.GRADIENT, 80, partial(_draw, "diagonally")),
    Kind("word fades radially", LogoType.GRADIENT, 80, partial(_draw, "radially")),
    Kind("outlined word fades", LogoType.GRADIENT, 90, _draw_outlined),
    Kind("word fades between hues of one lightness", LogoType.GRADIENT, 96, _draw_one_lightness),
)
