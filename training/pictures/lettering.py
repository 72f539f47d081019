"""Set random words and letters in fonts, as masks."""

from __future__ import annotations

import string
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from logo_classifier.pictures.pixels import Pixels
from training.pictures.augment import Rng

_FONT_SIZE_PX = 96
_OUTLINE_SHARE = 0.08
"""Probability that words are set as outlines."""


class Lettering:
    """A generator of masks, uint8 (h, w), of words and of initials in random fonts."""

    def __init__(self, fonts: Sequence[Path], words: Sequence[str]) -> None:
        self._fonts, self._words = fonts, words

    def initials(self, count: int, rng: Rng) -> Pixels:
        """Return a mask of one to three letters or, at times, digits."""
        letters = string.ascii_uppercase if rng.random() < 0.6 else string.ascii_lowercase
        if rng.random() < 0.08:
            letters = string.digits
        text = "".join(rng.choice(list(letters), count))
        return self._set(text, rng, tight=rng.random() < 0.3)

    def words(self, rng: Rng) -> Pixels:
        """Return a mask of a word or of two lines, at times as outlines."""
        word = str(rng.choice(self._words))
        style = rng.random()
        word = word.upper() if style < 0.3 else word.capitalize() if style < 0.65 else word
        outline_px = int(rng.integers(2, 5)) if rng.random() < _OUTLINE_SHARE else 0
        mask = self._set(word, rng, tight=False, outline_px=outline_px)
        if rng.random() < 0.15:
            second = self._set(str(rng.choice(self._words)), rng, tight=False)
            second = scaled(second, mask.shape[0] * rng.uniform(0.4, 1.0))
            mask = stack([mask, second], gap=int(mask.shape[0] * 0.2))
        return mask

    def _set(self, text: str, rng: Rng, tight: bool, outline_px: int = 0) -> Pixels:
        """Return a mask of the text, cropped to its ink; raise ValueError if no font shows it."""
        for _ in range(8):
            font = ImageFont.truetype(
                self._fonts[int(rng.integers(len(self._fonts)))], _FONT_SIZE_PX
            )
            length = int(font.getlength(text)) + 200
            image = Image.new("L", (length, 260))
            pen = ImageDraw.Draw(image)
            if tight and len(text) > 1:
                left = 60.0
                for letter in text:
                    pen.text((left, 60), letter, fill=255, font=font)
                    left += font.getlength(letter) * rng.uniform(0.8, 1.0)
            elif outline_px:
                pen.text(
                    (60, 60), text, fill=0, font=font, stroke_width=outline_px, stroke_fill=255
                )
            else:
                pen.text((60, 60), text, fill=255, font=font)
            if (box := image.getbbox()) is not None:
                return np.asarray(image.crop(box))
        raise ValueError(f"no font shows {text!r}")


def scaled(picture: Pixels, height: float) -> Pixels:
    """Return a picture or mask scaled to a height in pixels."""
    factor = height / picture.shape[0]
    size = (max(1, round(picture.shape[1] * factor)), max(1, round(height)))
    # Pillow weights colours by alpha, so the colour of transparent pixels does not leak into edges.
    return np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.BOX))


def stack(parts: Sequence[Pixels], gap: int) -> Pixels:
    """Return pictures stacked vertically and centred, `gap` pixels apart."""
    width = max(part.shape[1] for part in parts)
    rows: list[Pixels] = []
    for part in parts:
        left = (width - part.shape[1]) // 2
        margins = ((0, gap), (left, width - part.shape[1] - left), (0, 0))
        rows.append(np.pad(part, margins[: part.ndim]))
    return np.concatenate(rows)
