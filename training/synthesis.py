"""Draw logos whose flags are known: monograms, wordmarks, words with symbols, and patterns.

They teach what eyes labelled too little of: one letter against two, letters that are not in a
row, fades inside letters, small symbols beside big words, few parts against many.
"""

from __future__ import annotations

import string
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from app.classification.image import Pixels
from training.augment import Cutout, Rng
from training.colouring import fill, ink_colour, letter_colour, on_tile, with_shadow
from training.dataset import Example
from training.lettering import arrange, bend, deform, outline, set_text
from training.patterns import draw_pattern

_SIDE_PX = 288
_FAINT_ALPHA = 31
_NOTABLE = 0.15
_UNCLEAR = (0.09, 0.24)
"""Shares of the ink between which a fading symbol beside a word is neither notable nor not."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """Hold a labelled picture without lettering that may stand beside a word."""

    rgba: Pixels
    gradient: bool
    complex: bool


@dataclass(frozen=True, slots=True)
class Drawn:
    """Hold a drawn logo and its exact flags: lettering, gradient, complex."""

    rgba: Pixels
    flags: tuple[bool, bool, bool]


class Typesetter:
    """Draw random logos from fonts, words and symbols."""

    def __init__(
        self, fonts: Sequence[Path], words: Sequence[str], symbols: Sequence[Symbol]
    ) -> None:
        self._fonts, self._words, self._symbols = fonts, words, symbols

    def draw(self, rng: Rng) -> Drawn:
        """Return one drawn logo, trimmed, at most 288 px a side."""
        kinds = (self._monogram, self._wordmark, self._lockup, self._pattern)
        kind = kinds[int(rng.choice(len(kinds), p=[0.4, 0.15, 0.3, 0.15]))]
        drawn = kind(rng)
        small = Image.fromarray(drawn.rgba)
        small.thumbnail((_SIDE_PX, _SIDE_PX), Image.Resampling.BOX)
        visible = Image.fromarray(np.asarray(small)[..., 3] > _FAINT_ALPHA)
        return Drawn(np.asarray(small.crop(visible.getbbox())), drawn.flags)

    def _monogram(self, rng: Rng) -> Drawn:
        count = int(rng.choice([1, 2, 3], p=[0.4, 0.4, 0.2]))
        letters = string.ascii_uppercase if rng.random() < 0.65 else string.ascii_lowercase
        if rng.random() < 0.08:
            letters = string.digits
        chosen = rng.choice(list(letters), count).tolist()
        if count > 1 and rng.random() < 0.5:
            layers = arrange(self._set_each(chosen, rng), rng)
        else:
            tightness = rng.uniform(0.8, 1.0) if rng.random() < 0.3 else 1.0
            layers = [self._set("".join(chosen), rng, tightness)]
        layers = deform(layers, rng)
        if len(layers) == 1 and rng.random() < 0.1:
            layers = [outline(layers[0], rng)]
        if rng.random() < 0.5:
            rgba, fades = _inked(layers, rng)
            if rng.random() < 0.12:
                rgba = with_shadow(rgba, rng)
            return Drawn(rgba, (count > 1, fades, False))
        return Drawn(*on_tile(np.max(layers, axis=0), count > 1, rng))

    def _wordmark(self, rng: Rng) -> Drawn:
        mask = self._words_mask(rng)
        if rng.random() < 0.1:
            mask = deform([mask], rng)[0]
        rgb, fades = fill(mask.shape, rng, ink_colour(rng))
        return Drawn(np.dstack([rgb, mask]), (True, fades, False))

    def _lockup(self, rng: Rng) -> Drawn:
        symbol = self._symbol(rng)
        mask = self._words_mask(rng)
        ratio = rng.uniform(1.0, 3.0)
        beside = rng.random() < 0.65
        for _ in range(4):
            mark = _scaled(symbol.rgba, mask.shape[0] * ratio)
            share = _ink(mark[..., 3]) / max(1, _ink(mark[..., 3]) + _ink(mask))
            if not symbol.gradient or not _UNCLEAR[0] < share < _UNCLEAR[1]:
                break
            ratio *= 1.5
        rgb = np.empty((*mask.shape, 3), np.uint8)
        rgb[:] = letter_colour(mark, rng)
        word = np.dstack([rgb, mask])
        gradient = symbol.gradient and share > _NOTABLE
        return Drawn(_join(mark, word, beside, rng), (True, gradient, symbol.complex))

    def _symbol(self, rng: Rng) -> Symbol:
        if not self._symbols or rng.random() < 0.15:
            pattern = draw_pattern(rng)
            return Symbol(pattern.rgba, gradient=False, complex=pattern.complex)
        return self._symbols[int(rng.integers(len(self._symbols)))]

    def _pattern(self, rng: Rng) -> Drawn:
        pattern = draw_pattern(rng)
        return Drawn(pattern.rgba, (False, False, pattern.complex))

    def _words_mask(self, rng: Rng) -> Pixels:
        word = str(rng.choice(self._words))
        style = rng.random()
        word = word.upper() if style < 0.3 else word.capitalize() if style < 0.65 else word
        if rng.random() < 0.12:
            return bend(self._set_each(word, rng), rng)
        mask = self._set(word, rng)
        if rng.random() < 0.15:
            second = self._set(str(rng.choice(self._words)), rng)
            second = _scaled(second, mask.shape[0] * rng.uniform(0.4, 1.0))
            mask = _stack([mask, second], gap=int(mask.shape[0] * 0.2))
        return mask

    def _set_each(self, letters: Sequence[str], rng: Rng) -> list[Pixels]:
        """Return a mask of each letter, cropped to its ink, all in one font."""
        for _ in range(8):
            font = self._font(rng)
            masks = [set_text(letter, font) for letter in letters]
            found = [mask for mask in masks if mask is not None]
            if len(found) == len(letters):
                return found
        raise ValueError(f"no font shows {''.join(letters)!r}")

    def _set(self, text: str, rng: Rng, tightness: float = 1.0) -> Pixels:
        """Return a mask of the text, cropped to its ink."""
        for _ in range(8):
            if (mask := set_text(text, self._font(rng), tightness)) is not None:
                return mask
        raise ValueError(f"no font shows {text!r}")

    def _font(self, rng: Rng) -> Path:
        return self._fonts[int(rng.integers(len(self._fonts)))]


def typesetter_from(
    examples: Sequence[Example], cutouts: Sequence[Cutout], fonts: Sequence[Path]
) -> Typesetter:
    """Return a typesetter whose symbols and words come from these labelled pictures alone."""
    symbols = [
        Symbol(cutout.rgba, gradient=example.flags[1], complex=example.flags[2])
        for example, cutout in zip(examples, cutouts, strict=True)
        if example.flags and not example.flags[0] and (cutout.rgba[..., 3] < 20).mean() > 0.05
    ]
    brands = {example.brand for example in examples}
    words = sorted(brand for brand in brands if brand.isalpha() and 2 < len(brand) < 14)
    return Typesetter(fonts, words, symbols)


def _inked(layers: Sequence[Pixels], rng: Rng) -> tuple[Pixels, bool]:
    """Return letters in one fill, or each in a flat colour of its own, and whether they fade."""
    mask = np.asarray(np.max(layers, axis=0), np.uint8)
    if len(layers) == 1 or rng.random() < 0.5:
        rgb, fades = fill(mask.shape, rng, ink_colour(rng))
        return np.dstack([rgb, mask]), fades
    rgb = np.zeros((*mask.shape, 3), np.uint8)
    for layer in layers:
        rgb[layer > 0] = ink_colour(rng)
    return np.dstack([rgb, mask]), False


def _scaled(picture: Pixels, height: float) -> Pixels:
    factor = height / picture.shape[0]
    size = (max(1, round(picture.shape[1] * factor)), max(1, round(height)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def _ink(alpha: Pixels) -> int:
    return int((alpha > 127).sum())


def _stack(parts: Sequence[Pixels], gap: int) -> Pixels:
    """Return pictures one below the other, each in the middle."""
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
