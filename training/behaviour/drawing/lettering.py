"""Set words and initials in fonts that training does not know."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from logo_classifier.pictures.pixels import Pixels
from training.behaviour.drawing.palette import Rng
from training.behaviour.drawing.words import WORDS

_MEASURED_PX = 100
_OVERSAMPLING = 2
_LEAST_STROKE = 3
"""In oversampled pixels: outlines of one and a half pixels."""


@lru_cache(maxsize=256)
def _font(path: Path, size_px: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, size_px)


def pick_font(fonts: Sequence[Path], rng: Rng) -> Path:
    """Return one of the fonts."""
    return fonts[int(rng.integers(len(fonts)))]


def pick_word(rng: Rng) -> str:
    """Return a word in small letters, capitals or with one capital."""
    word, style = str(rng.choice(WORDS)), rng.random()
    return word.upper() if style < 0.25 else word.capitalize() if style < 0.6 else word


def set_text(font: Path, text: str, width_px: int) -> Pixels:
    """Return the ink of a text, uint8 (h, w), cropped to it and about this wide.

    Raises ValueError if the font shows nothing of it.
    """
    return _drawn(font, text, width_px, stroke=0.0)


def outline_text(font: Path, text: str, width_px: int, stroke: float) -> Pixels:
    """Return the ink of the outlines of a text; `stroke` is their width as a share of the size."""
    return _drawn(font, text, width_px, stroke)


def start_of(font: Path, text: str, letter: int, width_px: int) -> int:
    """Return the column at which a letter of a text that is this wide begins."""
    measured = _font(font, _MEASURED_PX)
    return round(width_px * measured.getlength(text[:letter]) / measured.getlength(text))


def _drawn(font: Path, text: str, width_px: int, stroke: float) -> Pixels:
    length = _font(font, _MEASURED_PX).getlength(text)
    size = max(8, round(_MEASURED_PX * width_px * _OVERSAMPLING / max(1.0, length)))
    sized = _font(font, size)
    line = max(_LEAST_STROKE, round(size * stroke)) if stroke else 0
    left, top, right, bottom = sized.getbbox(text, stroke_width=line)
    image = Image.new("L", (int(right - left) + 8, int(bottom - top) + 8))
    pen, place = ImageDraw.Draw(image), (4 - left, 4 - top)
    if line:
        pen.text(place, text, font=sized, fill=0, stroke_width=line, stroke_fill=255)
    else:
        pen.text(place, text, font=sized, fill=255)
    half = image.resize(
        (max(1, image.width // _OVERSAMPLING), max(1, image.height // _OVERSAMPLING)),
        Image.Resampling.BOX,
    )
    if (box := half.getbbox()) is None:
        raise ValueError(f"{font.name} shows nothing of {text!r}")
    return np.asarray(half.crop(box))
