"""Synthetic training data: logos with lettering in real fonts, symbols, and both together.

The flags of a drawn logo are exact. It covers cases with too few labelled pictures: one letter or
two, fades across words, plain symbols, small symbols beside large words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw

from logo_classifier.pictures.pixels import Pixels
from training.labels.dataset import Example
from training.pictures.augment import Cutout, Rng
from training.pictures.inks import fill, fill_letters, ink_colour, letter_colour
from training.pictures.lettering import Lettering, scaled, stack
from training.pictures.shapes import symbol

_SIDE_PX = 288
_NOTABLE = 0.15
_UNCLEAR = (0.09, 0.24)
"""Range of a fading symbol's share of the ink in which it is unclear whether the fade counts."""

_WORD_FADES, _OTHER_FADES = 0.55, 0.3
_SHADOW_SHARE = 0.05

_LEAST_MONOGRAM_PX, _LEAST_SYMBOL_PX, _LEAST_LETTER_PX = 20, 14, 11

Parts = tuple[Pixels, tuple[bool, bool, bool], int]
"""A drawing before it is trimmed, its flags, and its smallest longest side in pixels."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """A labelled picture without lettering, for use beside a word."""

    rgba: Pixels
    gradient: bool
    complex: bool


@dataclass(frozen=True, slots=True)
class Drawn:
    """A drawn logo, its kind and its exact flags: lettering, gradient, complex.

    `least_px` is the smallest side, in pixels, to which its longest may shrink with true flags.
    """

    rgba: Pixels
    flags: tuple[bool, bool, bool]
    least_px: int
    kind: str


class Typesetter:
    """A generator of random logos, from fonts, words and symbols."""

    def __init__(
        self, fonts: Sequence[Path], words: Sequence[str], symbols: Sequence[Symbol]
    ) -> None:
        self._lettering, self._symbols = Lettering(fonts, words), symbols

    def draw(self, rng: Rng) -> Drawn:
        """Return one drawn logo, trimmed, with sides of at most 288 px."""
        choice = rng.random()
        if choice < 0.25:
            kind, parts = "monogram", self._monogram(rng)
        elif choice < 0.36:
            kind, parts = "symbol", _plain_symbol(rng)
        elif choice < 0.78 or not self._symbols:
            kind, parts = "wordmark", self._wordmark(rng)
        else:
            kind, parts = "lockup", self._lockup(rng)
        rgba, flags, least_px = parts
        trimmed = Image.fromarray(rgba)
        trimmed = trimmed.crop(trimmed.getchannel("A").getbbox())
        trimmed.thumbnail((_SIDE_PX, _SIDE_PX), Image.Resampling.BOX)
        return Drawn(np.asarray(trimmed), flags, least_px, kind)

    def _monogram(self, rng: Rng) -> Parts:
        count = int(rng.choice([1, 2, 3], p=[0.4, 0.45, 0.15]))
        mask = self._lettering.initials(count, rng)
        if rng.random() < 0.5:
            rgb, fades = fill(mask, rng, ink_colour(rng), _OTHER_FADES)
            rgba, fades = _with_shadow(np.dstack([rgb, mask]), fades, rng)
            return rgba, (count > 1, fades, False), _LEAST_MONOGRAM_PX
        return _on_tile(mask, count > 1, rng)

    def _wordmark(self, rng: Rng) -> Parts:
        mask = self._lettering.words(rng)
        colour = ink_colour(rng)
        rgb, fades = fill(mask, rng, colour, _WORD_FADES)
        if not fades:
            rgb = fill_letters(mask, rng, colour)
        rgba, fades = _with_shadow(np.dstack([rgb, mask]), fades, rng)
        return rgba, (True, fades, False), _least_word_px(mask)

    def _lockup(self, rng: Rng) -> Parts:
        part = self._symbols[int(rng.integers(len(self._symbols)))]
        mask = self._lettering.words(rng)
        ratio = rng.uniform(1.0, 3.0)
        beside = rng.random() < 0.65
        for _ in range(4):
            mark = scaled(part.rgba, mask.shape[0] * ratio)
            share = _ink(mark[..., 3]) / max(1, _ink(mark[..., 3]) + _ink(mask))
            if not part.gradient or not _UNCLEAR[0] < share < _UNCLEAR[1]:
                break
            ratio *= 1.5
        rgb = fill_letters(mask, rng, letter_colour(mark, rng))
        word = np.dstack([rgb, mask])
        gradient = part.gradient and share > _NOTABLE
        return _join(mark, word, beside, rng), (True, gradient, part.complex), _SIDE_PX


def typesetter_from(
    examples: Sequence[Example], cutouts: Sequence[Cutout], fonts: Sequence[Path]
) -> Typesetter:
    """Return a typesetter with symbols and words from these labelled pictures only.

    Without cutouts it has no symbols to set beside words.
    """
    symbols = [
        Symbol(cutout.rgba, gradient=example.flags[1], complex=example.flags[2])
        for example, cutout in zip(examples, cutouts, strict=bool(cutouts))
        if example.flags and not example.flags[0] and (cutout.rgba[..., 3] < 20).mean() > 0.05
    ]
    brands = {example.brand for example in examples}
    words = sorted(brand for brand in brands if brand.isalpha() and 2 < len(brand) < 14)
    return Typesetter(fonts, words, symbols)


def _least_word_px(mask: Pixels) -> int:
    """Return the longest side at which the letters of a word can still be read."""
    height, width = mask.shape
    return max(28, _LEAST_LETTER_PX * int(width) // int(height))


def _plain_symbol(rng: Rng) -> Parts:
    mask = symbol(rng)
    rgb, fades = fill(mask, rng, ink_colour(rng), _OTHER_FADES / 2)
    return np.dstack([rgb, mask]), (False, fades, False), _LEAST_SYMBOL_PX


def _on_tile(mask: Pixels, lettering: bool, rng: Rng) -> Parts:
    """Return letters on a disc or rounded square."""
    side = int(max(mask.shape) * rng.uniform(1.3, 1.9))
    tile = Image.new("L", (side, side))
    pen = ImageDraw.Draw(tile)
    if rng.random() < 0.5:
        pen.ellipse((0, 0, side - 1, side - 1), fill=255)
    else:
        pen.rounded_rectangle((0, 0, side - 1, side - 1), side * rng.uniform(0, 0.25), fill=255)
    outline = np.asarray(tile)
    rgb, fades = fill(outline, rng, rng.integers(0, 200, 3), _OTHER_FADES)
    top, left = (side - mask.shape[0]) // 2, (side - mask.shape[1]) // 2
    window = rgb[top : top + mask.shape[0], left : left + mask.shape[1]]
    letters = 255 if rgb.mean() < 150 else 20
    share = mask[..., None] / 255
    window[:] = (window * (1 - share) + letters * share).astype(np.uint8)
    return np.dstack([rgb, outline]), (lettering, fades, False), 2 * _LEAST_MONOGRAM_PX


def _with_shadow(rgba: Pixels, fades: bool, rng: Rng) -> tuple[Pixels, bool]:
    """Return a drawing, at times above a soft shadow, and whether anything in it is soft."""
    if rng.random() >= _SHADOW_SHARE:
        return rgba, fades
    height = rgba.shape[0]
    blur, room = height * rng.uniform(0.04, 0.1), height // 3
    padded = np.pad(rgba, ((room, room), (room, room), (0, 0)))
    shift = np.array([[1, 0, rng.uniform(-0.3, 0.8) * blur], [0, 1, rng.uniform(0.5, 1.5) * blur]])
    ink = padded[..., 3].astype(np.float32)
    moved = cv2.warpAffine(ink, shift, (ink.shape[1], ink.shape[0]))
    soft = cv2.GaussianBlur(moved, (0, 0), blur) * rng.uniform(0.6, 0.95)
    own = ink / 255
    alpha = ink + soft * (1 - own)
    share = (ink / np.maximum(alpha, 1e-6))[..., None]
    return np.dstack([padded[..., :3] * share, alpha]).round().astype(np.uint8), True


def _ink(alpha: Pixels) -> int:
    return int((alpha > 127).sum())


def _join(mark: Pixels, word: Pixels, beside: bool, rng: Rng) -> Pixels:
    gap = int(max(word.shape[0], mark.shape[0]) * rng.uniform(0.15, 0.4))
    if not beside:
        return stack([mark, word], gap)
    turned = [part.transpose(1, 0, 2) for part in (mark, word)]
    if rng.random() < 0.2:
        turned.reverse()
    return np.ascontiguousarray(stack(turned, gap).transpose(1, 0, 2))
