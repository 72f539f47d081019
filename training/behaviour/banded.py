"""Fades in GIFs of few colours, in bands or in dots."""

from __future__ import annotations

from logo_classifier.pictures.pixels import Pixels
from logo_classifier.values import LogoType
from training.behaviour.drawing.fades import DIRECTIONS, way_of
from training.behaviour.drawing.files import File, on_ground, with_margin, write_few_colours
from training.behaviour.drawing.inks import faded, flat, over
from training.behaviour.drawing.lettering import pick_font, pick_word, set_text
from training.behaviour.drawing.palette import FADES, WHITE, Rng, pick_ground, pick_stops
from training.behaviour.drawing.symbols import BROAD, symbol
from training.behaviour.kind import Fonts, Kind

_COLOURS = (8, 12, 16, 24, 32)


def _draw(fonts: Fonts, number: int, rng: Rng) -> list[File]:
    stops = pick_stops(FADES, rng)
    colours, dither = _COLOURS[number // 2 % len(_COLOURS)], number % 2 == 1
    subject, picture = _subject(fonts, number // 10 % 3, rng)
    direction = str(rng.choice(DIRECTIONS))
    rgba = faded(picture, stops, way_of(direction, picture, rng))
    if subject == "tile":
        word = set_text(pick_font(fonts, rng), pick_word(rng), round(0.6 * picture.shape[1]))
        rgba = over(rgba, flat(word, WHITE))
    shown = on_ground(with_margin(rgba, 0.06), pick_ground(stops, rng))
    note = f"{subject} {direction} {colours} colours {'dithered' if dither else 'in bands'}"
    return [write_few_colours(shown, colours, dither, note)]


def _subject(fonts: Fonts, choice: int, rng: Rng) -> tuple[str, Pixels]:
    if choice == 0:
        word = set_text(pick_font(fonts, rng), pick_word(rng), int(rng.integers(240, 480)))
        return "word", word
    side = int(rng.integers(140, 320))
    if choice == 1:
        return "symbol", symbol(str(rng.choice(BROAD)), side)
    return "tile", symbol("rounded square", side)


BANDED = (Kind("banded fade", LogoType.GRADIENT, 120, _draw),)
