"""Two letters, bare or on a tile, the same picture in four formats."""

from __future__ import annotations

import numpy as np

from logo_classifier.pictures.pixels import Colour, Pixels
from logo_classifier.values import LogoType
from training.behaviour.drawing.files import File, on_ground, with_margin, write
from training.behaviour.drawing.inks import flat, over
from training.behaviour.drawing.lettering import pick_font, set_text
from training.behaviour.drawing.palette import INKS, WHITE, Rng, pick, pick_ground
from training.behaviour.drawing.symbols import symbol
from training.behaviour.drawing.words import INITIALS
from training.behaviour.kind import Fonts, Kind

_WIDTHS_PX = (18, 300)
"""Small ones are as frequent as large ones, so widths are drawn by their logarithm."""

_TILES = ("disc", "square", "rounded square")
_FORMATS = ("png", "jpg", "gif", "bmp")


def _draw(fonts: Fonts, number: int, rng: Rng) -> list[File]:
    pair = INITIALS[number % len(INITIALS)]
    mask = set_text(pick_font(fonts, rng), pair, round(np.exp(rng.uniform(*np.log(_WIDTHS_PX)))))
    colour = pick(INKS, rng)
    rgba = _on_tile(mask, colour, rng) if rng.random() < 0.25 else flat(mask, colour)
    ground = pick_ground((colour,), rng)
    picture = on_ground(with_margin(rgba, float(rng.uniform(0.03, 0.15))), ground)
    fine = {"jpg": {"quality": int(rng.integers(80, 93))}}
    return [write(picture, kind, pair, **fine.get(kind, {})) for kind in _FORMATS]


def _on_tile(mask: Pixels, colour: Colour, rng: Rng) -> Pixels:
    side = round(max(mask.shape) * float(rng.uniform(1.45, 1.8)))
    tile = symbol(str(rng.choice(_TILES)), side)
    return over(flat(tile, colour), flat(mask, WHITE))


INITIALS_KINDS = (Kind("initials", LogoType.TEXT, 39, _draw),)
