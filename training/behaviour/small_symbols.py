"""Flat symbols of 16 to 32 px, as icons are uploaded."""

from __future__ import annotations

from logo_classifier.values import LogoType
from training.behaviour.drawing.files import File, on_ground, write, write_transparent
from training.behaviour.drawing.inks import centred, flat
from training.behaviour.drawing.palette import INKS, Rng, pick, pick_ground
from training.behaviour.drawing.symbols import SYMBOLS, symbol
from training.behaviour.kind import Fonts, Kind

_SIDES_PX = (16, 20, 24, 32)


def _draw(_fonts: Fonts, number: int, rng: Rng) -> list[File]:
    name = list(SYMBOLS)[number % len(SYMBOLS)]
    side = int(rng.choice(_SIDES_PX))
    drawn = side - 2 * int(rng.integers(0, side // 8 + 1))
    colour, note = pick(INKS, rng), f"{name} {side} px"
    rgba = centred(flat(symbol(name, drawn), colour), side, side)
    picture, choice = on_ground(rgba, pick_ground((colour,), rng)), number // len(SYMBOLS) % 3
    if choice == 0:
        return [write_transparent(rgba, note)]
    if choice == 1:
        return [write(picture, "png", note)]
    return [write(picture, "jpg", note, quality=int(rng.integers(75, 91)))]


SMALL_SYMBOLS = (Kind("small symbol", LogoType.SIMPLE, 6 * len(SYMBOLS), _draw),)
