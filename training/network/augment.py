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
    ink_rim,
    normalise,
    vanishing_share,
)
from logo_classifier.pictures.pixels import Colour, Pixels
from training.labels.dataset import Example

_SOURCE_SIDE = 288
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


def vary(cutout: Cutout, side_px: int, has_lettering: bool, rng: Rng) -> Pixels:
    """Return one random variation of a picture as a uint8 RGB square."""
    backdrop = _pick_backdrop(cutout, rng)
    pixels = composite(cutout.rgba, backdrop)
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
        quality = int(rng.integers(30, 95))
        encoded = cv2.imencode(".jpg", square, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        square = np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR), np.uint8)
    elif choice > 0.84:
        square = _with_palette(square, int(rng.integers(12, 48)), dither=rng.random() < 0.7)
    return square


def _with_palette(square: Pixels, colours: int, dither: bool) -> Pixels:
    """Return the picture reduced to a palette, as in a GIF with few colours."""
    picture = Image.fromarray(square)
    palette = picture.quantize(colours, Image.Quantize.MEDIANCUT)
    kind = Image.Dither.FLOYDSTEINBERG if dither else Image.Dither.NONE
    return np.array(picture.quantize(palette=palette, dither=kind).convert("RGB"))
