"""Data augmentation: vary training pictures as uploads vary, but keep their labels valid.

Fades must survive, so colours are permuted or inverted as a whole, without strong jitter, and
JPEG compression is mild. Letters must stay letters, so only pictures without letters are mirrored.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from logo_classifier.pictures.decoding import decode_rgba
from logo_classifier.pictures.normalising import (
    VANISHING_SHARE,
    choose_backdrop,
    composite,
    content_box,
    content_mask,
    ink_rim,
    margin_colour,
    normalise,
    vanishing_share,
)
from logo_classifier.pictures.pixels import Colour, Pixels, resample
from training.labels.dataset import Example

_SOURCE_SIDE = 288

MOST_SMALL_PX = 72
"""Longest side, in pixels, of the largest file that counts as small."""

_SMALL_SHARE = 0.15
_REDUCTIONS = (
    Image.Resampling.BOX,
    Image.Resampling.BILINEAR,
    Image.Resampling.BICUBIC,
    Image.Resampling.LANCZOS,
)
Rng = np.random.Generator


@dataclass(frozen=True, slots=True)
class Cutout:
    """A trimmed RGBA picture, the backdrop that serving would choose, and its rim."""

    rgba: Pixels
    backdrop: Colour
    rim: NDArray[np.int16]


def cut_out(example: Example) -> Cutout:
    """Decode and trim a picture as `load_image` does, but keep its transparency."""
    with Image.open(example.path) as file:
        normalised = normalise(decode_rgba(file))
    backdrop = normalised.backdrop if len(normalised.rim) else normalised.surround
    trimmed = Image.fromarray(normalised.rgba)
    trimmed.thumbnail((_SOURCE_SIDE, _SOURCE_SIDE), Image.Resampling.BOX)
    return Cutout(np.asarray(trimmed), backdrop, normalised.rim)


def cut_out_picture(rgba: Pixels) -> Cutout:
    """Return a trimmed RGBA picture as a cutout, with the backdrop that serving would choose."""
    rim = ink_rim(rgba)
    return Cutout(rgba, choose_backdrop(rim), rim)


def vary(
    cutout: Cutout, side_px: int, has_lettering: bool, rng: Rng, least_px: int = MOST_SMALL_PX
) -> Pixels:
    """Return one random variation of a picture as a uint8 RGB square.

    At times it is what serving makes of a small file, whose longest side is `least_px` or more.
    """
    backdrop = _pick_backdrop(cutout, rng)
    pixels = composite(cutout.rgba, backdrop)
    if least_px < MOST_SMALL_PX and rng.random() < _SMALL_SHARE:
        pixels = _small_source(pixels, backdrop, side_px, rng, least_px)
    square = _place(pixels, backdrop, side_px, has_lettering, rng)
    return _degrade(_recolour(square, rng), rng)


def _pick_backdrop(cutout: Cutout, rng: Rng) -> Colour:
    if not len(cutout.rim) or rng.random() < 0.7:
        return cutout.backdrop
    for _ in range(4):
        red, green, blue = (int(value) for value in rng.integers(0, 256, 3))
        colour = (red, green, blue)
        if vanishing_share(cutout.rim, colour) <= VANISHING_SHARE:
            return colour
    return cutout.backdrop


def _small_source(
    pixels: Pixels, backdrop: Colour, side_px: int, rng: Rng, least_px: int
) -> Pixels:
    """Return a picture as a file of few pixels, enlarged and trimmed as serving does."""
    longest_px = np.exp(rng.uniform(np.log(least_px), np.log(MOST_SMALL_PX)))
    factor = min(1.0, longest_px / max(pixels.shape[:2]))
    size = (max(1, round(pixels.shape[1] * factor)), max(1, round(pixels.shape[0] * factor)))
    kind = _REDUCTIONS[int(rng.integers(len(_REDUCTIONS)))]
    small = np.asarray(Image.fromarray(pixels).resize(size, kind))
    choice = rng.random()
    if choice < 0.45:
        margins = [(int(rng.integers(0, 5)), int(rng.integers(0, 5))) for _ in range(2)]
        (top, bottom), (left, right) = margins
        small = np.asarray(
            cv2.copyMakeBorder(
                small, top, bottom, left, right, cv2.BORDER_CONSTANT, value=backdrop
            ),
            np.uint8,
        )
        small = _jpeg(small, int(rng.integers(60, 96)))
        content = content_mask(small, margin_colour(small, backdrop))
        left, top, width, height = content_box(content)
        small = small[top : top + height, left : left + width]
    elif choice < 0.55:
        small = _with_palette(small, int(rng.integers(8, 32)), dither=False)
    return resample(small, side_px * 30 / 32 / max(small.shape[:2]))


def _place(pixels: Pixels, backdrop: Colour, side_px: int, has_lettering: bool, rng: Rng) -> Pixels:
    height, width = pixels.shape[:2]
    fit = side_px * 30 / 32 / max(height, width)
    scale = fit * (rng.uniform(0.97, 1.03) if rng.random() < 0.5 else rng.uniform(0.7, 1.05))
    stretch = rng.uniform(0.92, 1.09)
    angle = rng.uniform(-0.12, 0.12) if rng.random() < 0.4 else 0.0
    mirror = -1.0 if not has_lettering and rng.random() < 0.5 else 1.0
    cosine, sine = np.cos(angle), np.sin(angle)
    linear = np.array([[cosine, -sine], [sine, cosine]]) @ np.diag(
        [mirror * scale * stretch, scale / stretch]
    )
    room = np.maximum(side_px - scale * np.array([width, height]), 0) / 2
    centre = side_px / 2 + rng.uniform(-0.7, 0.7, 2) * room
    offset = centre - linear @ np.array([width / 2, height / 2])
    if scale < 0.75:  # warpAffine does not filter: shrink by area first
        small = (max(1, round(width * scale)), max(1, round(height * scale)))
        pixels = np.asarray(cv2.resize(pixels, small, interpolation=cv2.INTER_AREA), np.uint8)
        linear = linear @ np.diag([width / small[0], height / small[1]])
    matrix = np.column_stack([linear, offset])
    square = cv2.warpAffine(
        pixels, matrix, (side_px, side_px), flags=cv2.INTER_LINEAR, borderValue=backdrop
    )
    return square.astype(np.uint8)


def _recolour(square: Pixels, rng: Rng) -> Pixels:
    if rng.random() < 0.25:
        square = square[..., rng.permutation(3)]
    if rng.random() < 0.12:
        square = 255 - square
    if rng.random() < 0.3:
        gain, offset = rng.uniform(0.8, 1.15), rng.uniform(-20, 20)
        # OpenCV's convertScaleAbs would return the absolute values of negative results.
        square = np.clip(square * gain + offset, 0, 255).astype(np.uint8)
    return np.ascontiguousarray(square, np.uint8)


def _degrade(square: Pixels, rng: Rng) -> Pixels:
    side_px = square.shape[0]
    choice = rng.random()
    if choice < 0.12:
        low = int(rng.integers(48, 140))
        small = cv2.resize(square, (low, low), interpolation=cv2.INTER_AREA)
        blurred = cv2.resize(small, (side_px, side_px), interpolation=cv2.INTER_LINEAR)
        square = np.asarray(blurred, np.uint8)
    if choice < 0.06 or choice > 0.88:
        square = _jpeg(square, int(rng.integers(30, 95)))
    elif choice > 0.81:
        colours = round(np.exp(rng.uniform(np.log(10), np.log(48))))
        square = _with_palette(square, colours, dither=rng.random() < 0.5)
    return square


def _jpeg(pixels: Pixels, quality: int) -> Pixels:
    """Return a picture after lossy compression; the order of its channels does not matter here."""
    encoded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR), np.uint8)


def _with_palette(square: Pixels, colours: int, dither: bool) -> Pixels:
    """Return the picture reduced to a palette, as in a GIF with few colours."""
    picture = Image.fromarray(square)
    palette = picture.quantize(colours, Image.Quantize.MEDIANCUT)
    kind = Image.Dither.FLOYDSTEINBERG if dither else Image.Dither.NONE
    return np.array(picture.quantize(palette=palette, dither=kind).convert("RGB"))
