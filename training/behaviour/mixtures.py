"""Words with something beside, below or under them that decides the type."""

from __future__ import annotations

import cv2
import numpy as np

from logo_classifier.pictures.pixels import Colour, Pixels
from logo_classifier.values import LogoType
from training.behaviour.drawing.fades import DIRECTIONS, way_of
from training.behaviour.drawing.files import File, write_any
from training.behaviour.drawing.inks import above, beside, faded, flat, ink_of, over
from training.behaviour.drawing.lettering import pick_font, pick_word, set_text
from training.behaviour.drawing.linework import LINE_DRAWINGS, line_drawing
from training.behaviour.drawing.palette import (
    FADES,
    INKS,
    LIGHT_GROUNDS,
    METALS,
    Rng,
    pick,
    pick_ground,
    pick_stops,
)
from training.behaviour.drawing.symbols import BROAD, symbol
from training.behaviour.drawing.words import INITIALS
from training.behaviour.kind import Fonts, Kind

_SYMBOL_SHARES = (0.16, 0.40)
"""Share of the ink that a symbol has beside its word; by the guide a fade counts from 0.15."""

_LEAST_SHADOW = 0.3
"""Smallest share of letters and shadow that is soft shadow; by the guide it counts from 0.15."""

_SHADOW_SEEN = 24
"""Smallest alpha, of 255, at which a shadow is seen."""

_BADGES = ("disc", "rounded square", "hexagon")
_SHADOW: Colour = (10, 12, 18)
_DARK: Colour = (24, 26, 32)


def _draw_fading_symbol(fonts: Fonts, number: int, rng: Rng) -> list[File]:
    stops, colour = pick_stops(FADES, rng), pick(INKS, rng)
    word = set_text(pick_font(fonts, rng), pick_word(rng), int(rng.integers(220, 420)))
    share = float(rng.uniform(*_SYMBOL_SHARES))
    mask = _with_share(BROAD[number % len(BROAD)], word, share)
    direction = str(rng.choice(DIRECTIONS))
    mark = faded(mask, stops, way_of(direction, mask, rng))
    ground = pick_ground((*stops, colour), rng)
    note = f"{direction} {100 * share:.0f} percent"
    return [write_any(_joined(mark, flat(word, colour), rng), ground, note, rng)]


def _with_share(name: str, word: Pixels, share: float) -> Pixels:
    """Return a symbol that has this share of the ink of itself and the word."""
    filled = ink_of(symbol(name, 100)) / 100**2
    wanted = ink_of(word) * share / (1 - share)
    return symbol(name, round((wanted / filled) ** 0.5))


def _joined(mark: Pixels, word: Pixels, rng: Rng) -> Pixels:
    gap, place = round(0.35 * word.shape[0]), rng.random()
    if place < 0.7:
        return beside(mark, word, gap)
    return above(mark, word, gap) if place < 0.85 else beside(word, mark, gap)


def _draw_flat_symbol(fonts: Fonts, number: int, rng: Rng) -> list[File]:
    colour, other = pick(INKS, rng), pick(INKS, rng)
    word = set_text(pick_font(fonts, rng), pick_word(rng), int(rng.integers(220, 420)))
    share = float(rng.uniform(*_SYMBOL_SHARES))
    mark = flat(_with_share(BROAD[number % len(BROAD)], word, share), other)
    ground = pick_ground((colour, other), rng)
    return [write_any(_joined(mark, flat(word, colour), rng), ground, "flat", rng)]


def _draw_badge(fonts: Fonts, number: int, rng: Rng) -> list[File]:
    side, metal = int(rng.integers(160, 360)), METALS[number % len(METALS)]
    direction = ("around", "diagonally", "radially")[number % 3]
    disc = symbol(str(rng.choice(_BADGES)), side)
    badge = faded(disc, metal, way_of(direction, disc, rng))
    if rng.random() < 0.5:
        inner = symbol("disc", round(0.8 * side))
        badge = over(badge, faded(inner, metal[::-1], way_of(direction, inner, rng)))
    text = str(rng.choice(INITIALS)) if rng.random() < 0.5 else pick_word(rng)
    word = set_text(pick_font(fonts, rng), text, round(side * (0.4 if len(text) == 2 else 0.62)))
    badge = over(badge, flat(word, _DARK))
    return [write_any(badge, pick_ground((metal[0],), rng), direction, rng)]


def _draw_shadow(fonts: Fonts, number: int, rng: Rng) -> list[File]:
    if number % 4:
        subject = "word"
        mask = set_text(pick_font(fonts, rng), pick_word(rng), int(rng.integers(220, 420)))
    else:
        subject = "symbol"
        mask = symbol(str(rng.choice(BROAD)), int(rng.integers(120, 260)))
    colour, strength = pick(INKS, rng), float(rng.uniform(0.6, 0.9))
    blur_px, share = float(rng.uniform(0.07, 0.12)) * min(mask.shape), 0.0
    while share < _LEAST_SHADOW:
        shadow, ink = _with_shadow(mask, blur_px, strength)
        share = _share_of(shadow, ink)
        blur_px *= 1.25
    rgba = over(flat(shadow, _SHADOW), flat(ink, colour))
    ground = pick_ground((colour,), rng, LIGHT_GROUNDS)
    return [write_any(rgba, ground, f"{subject} {100 * share:.0f} percent", rng)]


def _with_shadow(mask: Pixels, blur_px: float, strength: float) -> tuple[Pixels, Pixels]:
    """Return the alpha of a soft shadow down to the right, and the ink in the same frame."""
    room, shift = round(4.5 * blur_px), round(1.2 * blur_px)
    ink = np.pad(mask, room)
    moved = np.roll(ink, (shift, shift), axis=(0, 1))
    blurred = cv2.GaussianBlur(moved, (0, 0), blur_px)
    return np.rint(strength * blurred).astype(np.uint8), ink


def _share_of(shadow: Pixels, ink: Pixels) -> float:
    """Return the share of a shadow in what is seen of it and its ink."""
    seen = shadow >= _SHADOW_SEEN
    alone = seen & (ink < 128)
    return float(alone.sum() / (seen | (ink >= 128)).sum())


def _draw_line_work(fonts: Fonts, number: int, rng: Rng) -> list[File]:
    name, colour = list(LINE_DRAWINGS)[number % len(LINE_DRAWINGS)], pick(INKS, rng)
    word = set_text(pick_font(fonts, rng), pick_word(rng), int(rng.integers(200, 360)))
    drawing = line_drawing(name, int(rng.integers(150, 260)), rng)
    second = colour if rng.random() < 0.6 else pick(INKS, rng)
    rgba = _joined(flat(drawing, second), flat(word, colour), rng)
    return [write_any(rgba, pick_ground((colour, second), rng), name, rng)]


MIXTURES = (
    Kind("word beside a small fading symbol", LogoType.GRADIENT, 90, _draw_fading_symbol),
    Kind("metal badge", LogoType.GRADIENT, 72, _draw_badge),
    Kind("soft shadow", LogoType.GRADIENT, 80, _draw_shadow),
    Kind("word beside fine line work", LogoType.COMPLEX, 84, _draw_line_work),
    Kind("flat word beside a flat symbol", LogoType.TEXT, 72, _draw_flat_symbol),
)
