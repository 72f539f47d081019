"""Synthetic training data: logos with lettering in real fonts, alone or with labelled symbols.

The flags of a drawn logo are exact. It covers cases with too few labelled pictures: one letter or
two, fades inside letters, small symbols beside large words.
"""

from __future__ import annotations

import string
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from logo_classifier.pictures.normalising import choose_backdrop, ink_rim
from logo_classifier.pictures.pixels import Pixels
from training.labels.dataset import Example
from training.network.augment import Cutout, Rng
from training.network.fading import LARGEST_CHANNEL_STEP, LEAST_LIGHTNESS_RANGE, LUMA, ramp

_FONT_SIZE_PX = 96
_SIDE_PX = 288
_NOTABLE = 0.15
_UNCLEAR = (0.09, 0.24)
"""Range of a fading symbol's share of the ink in which it is unclear whether the fade counts."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """A labelled picture without lettering, for use beside a word."""

    rgba: Pixels
    gradient: bool
    complex: bool


@dataclass(frozen=True, slots=True)
class Drawn:
    """A drawn logo and its exact flags: lettering, gradient, complex."""

    rgba: Pixels
    flags: tuple[bool, bool, bool]


class Typesetter:
    """A generator of random logos with lettering, from fonts, words and symbols."""

    def __init__(
        self, fonts: Sequence[Path], words: Sequence[str], symbols: Sequence[Symbol]
    ) -> None:
        self._fonts, self._words, self._symbols = fonts, words, symbols

    def draw(self, rng: Rng) -> Drawn:
        """Return one drawn logo, trimmed, with sides of at most 288 px."""
        choice = rng.random()
        if choice < 0.45:
            drawn = self._monogram(rng)
        elif choice < 0.65 or not self._symbols:
            drawn = self._wordmark(rng)
        else:
            drawn = self._lockup(rng)
        trimmed = Image.fromarray(drawn.rgba)
        trimmed = trimmed.crop(trimmed.getchannel("A").getbbox())
        trimmed.thumbnail((_SIDE_PX, _SIDE_PX), Image.Resampling.BOX)
        return Drawn(np.asarray(trimmed), drawn.flags)

    def _monogram(self, rng: Rng) -> Drawn:
        count = int(rng.choice([1, 2, 3], p=[0.45, 0.4, 0.15]))
        letters = string.ascii_uppercase if rng.random() < 0.6 else string.ascii_lowercase
        if rng.random() < 0.08:
            letters = string.digits
        text = "".join(rng.choice(list(letters), count))
        mask = self._set(text, rng, tight=rng.random() < 0.3)
        if rng.random() < 0.5:
            rgb, fades = _fill(mask, rng, _ink_colour(rng))
            return Drawn(np.dstack([rgb, mask]), (count > 1, fades, False))
        return Drawn(*_on_tile(mask, count > 1, rng))

    def _wordmark(self, rng: Rng) -> Drawn:
        mask = self._words_mask(rng)
        rgb, fades = _fill(mask, rng, _ink_colour(rng))
        return Drawn(np.dstack([rgb, mask]), (True, fades, False))

    def _lockup(self, rng: Rng) -> Drawn:
        symbol = self._symbols[int(rng.integers(len(self._symbols)))]
        mask = self._words_mask(rng)
        ratio = rng.uniform(1.0, 3.0)
        beside = rng.random() < 0.65
        for _ in range(4):
            mark = _scaled(symbol.rgba, mask.shape[0] * ratio)
            share = _ink(mark[..., 3]) / max(1, _ink(mark[..., 3]) + _ink(mask))
            if not symbol.gradient or not _UNCLEAR[0] < share < _UNCLEAR[1]:
                break
            ratio *= 1.5
        colour = _letter_colour(mark, rng)
        rgb = np.empty((*mask.shape, 3), np.uint8)
        rgb[:] = colour
        word = np.dstack([rgb, mask])
        gradient = symbol.gradient and share > _NOTABLE
        return Drawn(_join(mark, word, beside, rng), (True, gradient, symbol.complex))

    def _words_mask(self, rng: Rng) -> Pixels:
        word = str(rng.choice(self._words))
        style = rng.random()
        word = word.upper() if style < 0.3 else word.capitalize() if style < 0.65 else word
        mask = self._set(word, rng, tight=False)
        if rng.random() < 0.15:
            second = self._set(str(rng.choice(self._words)), rng, tight=False)
            second = _scaled(second, mask.shape[0] * rng.uniform(0.4, 1.0))
            mask = _stack([mask, second], gap=int(mask.shape[0] * 0.2))
        return mask

    def _set(self, text: str, rng: Rng, tight: bool) -> Pixels:
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
            else:
                pen.text((60, 60), text, fill=255, font=font)
            if (box := image.getbbox()) is not None:
                return np.asarray(image.crop(box))
        raise ValueError(f"no font shows {text!r}")


def typesetter_from(
    examples: Sequence[Example], cutouts: Sequence[Cutout], fonts: Sequence[Path]
) -> Typesetter:
    """Return a typesetter with symbols and words from these labelled pictures only."""
    symbols = [
        Symbol(cutout.rgba, gradient=example.flags[1], complex=example.flags[2])
        for example, cutout in zip(examples, cutouts, strict=True)
        if example.flags and not example.flags[0] and (cutout.rgba[..., 3] < 20).mean() > 0.05
    ]
    brands = {example.brand for example in examples}
    words = sorted(brand for brand in brands if brand.isalpha() and 2 < len(brand) < 14)
    return Typesetter(fonts, words, symbols)


def _ink_colour(rng: Rng) -> NDArray[np.int64]:
    kind = rng.random()
    if kind < 0.35:
        return rng.integers(0, 60, 3)
    if kind < 0.45:
        return rng.integers(235, 256, 3)
    return rng.integers(0, 256, 3)


def _letter_colour(mark: Pixels, rng: Rng) -> NDArray[np.int64]:
    """Return a colour that is visible on the backdrop of the symbol."""
    red, green, blue = choose_backdrop(ink_rim(mark))
    light = 0.3 * red + 0.59 * green + 0.11 * blue > 128
    for _ in range(8):
        colour = _ink_colour(rng)
        if abs(float(colour.mean()) - (red + green + blue) / 3) > 90:
            return colour
    return np.full(3, 20 if light else 240)


def _fill(
    mask: Pixels, rng: Rng, colour: NDArray[np.int64], fading: float = 0.3
) -> tuple[Pixels, bool]:
    """Return a fill (h, w, 3), flat or with a visible fade across a mask, and whether it fades."""
    rgb = np.empty((*mask.shape, 3), np.uint8)
    if rng.random() >= fading:
        rgb[:] = colour
        return rgb, False
    for _ in range(24):
        other = rng.integers(0, 256, 3)
        visible = abs(float((other - colour) @ LUMA)) >= LEAST_LIGHTNESS_RANGE
        if visible and np.abs(other - colour).max() < LARGEST_CHANNEL_STEP:
            break
    way = ramp(mask > 127, rng)
    mixed = colour + way[..., None] * (other - colour)
    return mixed.astype(np.uint8), True


def _on_tile(mask: Pixels, lettering: bool, rng: Rng) -> tuple[Pixels, tuple[bool, bool, bool]]:
    """Return letters on a disc or rounded square."""
    side = int(max(mask.shape) * rng.uniform(1.3, 1.9))
    tile = Image.new("L", (side, side))
    pen = ImageDraw.Draw(tile)
    if rng.random() < 0.5:
        pen.ellipse((0, 0, side - 1, side - 1), fill=255)
    else:
        pen.rounded_rectangle((0, 0, side - 1, side - 1), side * rng.uniform(0, 0.25), fill=255)
    outline = np.asarray(tile)
    rgb, fades = _fill(outline, rng, rng.integers(0, 200, 3))
    top, left = (side - mask.shape[0]) // 2, (side - mask.shape[1]) // 2
    window = rgb[top : top + mask.shape[0], left : left + mask.shape[1]]
    letters = 255 if rgb.mean() < 150 else 20
    share = mask[..., None] / 255
    window[:] = (window * (1 - share) + letters * share).astype(np.uint8)
    return np.dstack([rgb, outline]), (lettering, fades, False)


def _scaled(picture: Pixels, height: float) -> Pixels:
    factor = height / picture.shape[0]
    size = (max(1, round(picture.shape[1] * factor)), max(1, round(height)))
    # Pillow weights colours by alpha, so the colour of transparent pixels does not leak into edges.
    return np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.BOX))


def _ink(alpha: Pixels) -> int:
    return int((alpha > 127).sum())


def _stack(parts: Sequence[Pixels], gap: int) -> Pixels:
    """Return pictures stacked vertically and centred."""
    width = max(part.shape[1] for part in parts)
    rows: list[Pixels] = []
    for part in parts:
        left = (width - part.shape[1]) // 2
        margins = ((0, gap), (left, width - part.shape[1] - left), (0, 0))
        rows.append(np.pad(part, margins[: part.ndim]))
    return np.concatenate(rows)


def _join(mark: Pixels, word: Pixels, beside: bool, rng: Rng) -> Pixels:
    gap = int(max(word.shape[0], mark.shape[0]) * rng.uniform(0.15, 0.4))
    if not beside:
        return _stack([mark, word], gap)
    turned = [part.transpose(1, 0, 2) for part in (mark, word)]
    if rng.random() < 0.2:
        turned.reverse()
    return np.ascontiguousarray(_stack(turned, gap).transpose(1, 0, 2))
