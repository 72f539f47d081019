"""Flat words, flat symbols and a plain fade, which no model may buy its other answers with."""

from __future__ import annotations

from logo_classifier.values import LogoType
from training.behaviour.drawing.fades import DIRECTIONS, way_of
from training.behaviour.drawing.files import File, write_any
from training.behaviour.drawing.inks import faded, flat, over
from training.behaviour.drawing.lettering import pick_font, pick_word, set_text, start_of
from training.behaviour.drawing.palette import (
    FADES,
    INKS,
    WHITE,
    Rng,
    pick,
    pick_ground,
    pick_stops,
    pick_two,
)
from training.behaviour.drawing.symbols import BROAD, SYMBOLS, symbol
from training.behaviour.kind import Fonts, Kind

_TILES = ("disc", "square", "rounded square", "hexagon")


def _draw_word(fonts: Fonts, _number: int, rng: Rng) -> list[File]:
    colour = pick(INKS, rng)
    mask = set_text(pick_font(fonts, rng), pick_word(rng), int(rng.integers(200, 480)))
    return [write_any(flat(mask, colour), pick_ground((colour,), rng), "word", rng)]


def _draw_two_colours(fonts: Fonts, _number: int, rng: Rng) -> list[File]:
    font, word, colours = pick_font(fonts, rng), pick_word(rng), pick_two(INKS, rng)
    mask = set_text(font, word, int(rng.integers(200, 480)))
    change = start_of(font, word, int(rng.integers(1, len(word))), mask.shape[1])
    rgba = flat(mask, colours[0])
    rgba[:, change:, :3] = colours[1]
    return [write_any(rgba, pick_ground(colours, rng), "two colours", rng)]


def _draw_symbol(_fonts: Fonts, number: int, rng: Rng) -> list[File]:
    name, side = list(SYMBOLS)[number % len(SYMBOLS)], int(rng.integers(200, 401))
    colour = pick(INKS, rng)
    if number // len(SYMBOLS) % 2:
        tile = str(rng.choice(_TILES))
        rgba = over(flat(symbol(tile, side), colour), flat(symbol(name, side // 2), WHITE))
    else:
        rgba = flat(symbol(name, side), colour)
    return [write_any(rgba, pick_ground((colour,), rng), name, rng)]


def _draw_fading_symbol(_fonts: Fonts, number: int, rng: Rng) -> list[File]:
    name, stops = BROAD[number % len(BROAD)], pick_stops(FADES, rng)
    mask = symbol(name, int(rng.integers(140, 401)))
    direction = str(rng.choice(DIRECTIONS))
    rgba = faded(mask, stops, way_of(direction, mask, rng))
    return [write_any(rgba, pick_ground(stops, rng), f"{name} {direction}", rng)]


CONTROLS = (
    Kind("flat word", LogoType.TEXT, 100, _draw_word),
    Kind("flat word in two colours", LogoType.TEXT, 80, _draw_two_colours),
    Kind("flat symbol", LogoType.SIMPLE, 4 * len(SYMBOLS), _draw_symbol),
    Kind("fading symbol", LogoType.GRADIENT, 72, _draw_fading_symbol),
)
