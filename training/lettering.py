"""Set letters in real fonts, and arrange few of them the way monograms do."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from app.classification.image import Pixels
from training.augment import Rng

_FONT_SIZE_PX = 96
_MARGIN_PX = 60
_MOAT_PX = 5
_SEAM_PX = 2
"""Empty pixels around what was turned, for its soft edges."""


def set_text(text: str, font: Path, tightness: float = 1.0) -> Pixels | None:
    """Return a mask of the text in one line, uint8 (h, w), cropped to its ink; None without any.

    Each letter starts where `tightness` times the width of the one before it ends.
    """
    face = ImageFont.truetype(font, _FONT_SIZE_PX)
    image = Image.new("L", (int(face.getlength(text)) + 200, 260))
    pen = ImageDraw.Draw(image)
    if tightness == 1.0:
        pen.text((_MARGIN_PX, _MARGIN_PX), text, fill=255, font=face)
    else:
        left = float(_MARGIN_PX)
        for letter in text:
            pen.text((left, _MARGIN_PX), letter, fill=255, font=face)
            left += face.getlength(letter) * tightness
    box = image.getbbox()
    return None if box is None else np.asarray(image.crop(box))


def arrange(letters: Sequence[Pixels], rng: Rng) -> list[Pixels]:
    """Place letters in steps, in a column, one small beside one big, or overlapping.

    Takes and returns masks, uint8 (h, w); those returned share one canvas, and a moat keeps
    letters that overlap or touch apart.
    """
    kind = rng.choice(["steps", "column", "small", "overlap"], p=[0.3, 0.25, 0.2, 0.25])
    placed: list[tuple[int, int, Pixels]] = []
    across, down = rng.uniform(0.3, 0.9), rng.uniform(0.4, 1.0) * rng.choice([-1, 1])
    x = y = 0.0
    for number, letter in enumerate(letters):
        mask = letter
        if kind == "small" and number:
            mask = _scaled(letter, rng.uniform(0.4, 0.7))
            y = placed[0][2].shape[0] * rng.choice([0.0, 1.0]) - mask.shape[0] * rng.uniform(0, 1)
        placed.append((round(x), round(y), mask))
        height, width = mask.shape
        if kind == "steps":
            x, y = x + width * across, y + height * down
        elif kind == "column":
            x, y = x + width * rng.uniform(-0.15, 0.15), y + height * rng.uniform(1.05, 1.25)
        elif kind == "small":
            x += width * rng.uniform(0.85, 1.05)
        else:
            x, y = x + width * rng.uniform(0.45, 0.75), y + height * rng.uniform(-0.2, 0.2)
    return _part_overlaps(_on_one_canvas(placed))


def _on_one_canvas(placed: Sequence[tuple[int, int, Pixels]]) -> list[Pixels]:
    left, top = min(x for x, _, _ in placed), min(y for _, y, _ in placed)
    width = max(x + mask.shape[1] for x, _, mask in placed) - left
    height = max(y + mask.shape[0] for _, y, mask in placed) - top
    layers = []
    for x, y, mask in placed:
        layer = np.zeros((height, width), np.uint8)
        layer[y - top : y - top + mask.shape[0], x - left : x - left + mask.shape[1]] = mask
        layers.append(layer)
    return layers


def _part_overlaps(layers: list[Pixels]) -> list[Pixels]:
    """Take from each letter what the later ones, with a moat around them, cover."""
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * _MOAT_PX + 1,) * 2)
    parted = list(layers)
    for number, upper in enumerate(layers):
        outside = 255 - np.asarray(cv2.dilate(upper, kernel), np.uint8)
        parted[:number] = [np.minimum(lower, outside) for lower in parted[:number]]
    return parted


def deform(layers: Sequence[Pixels], rng: Rng) -> list[Pixels]:
    """Stretch, slant and turn masks of one canvas together, uint8 (h, w); some stay as they are."""
    stretch = rng.uniform(0.7, 1.5) if rng.random() < 0.3 else 1.0
    slant = rng.uniform(-0.35, 0.35) if rng.random() < 0.2 else 0.0
    choice = rng.random()
    angle = 0.0
    if choice < 0.2:
        angle = rng.uniform(-0.7, 0.7)
    elif choice < 0.26:
        angle = float(rng.choice([-1, 1])) * np.pi / 2
    if stretch == 1.0 and slant == angle == 0.0:
        return list(layers)
    cosine, sine = np.cos(angle), np.sin(angle)
    turn = np.array([[cosine, -sine], [sine, cosine]])
    return _transform(layers, turn @ np.array([[stretch, slant], [0.0, 1.0]]))


def _transform(layers: Sequence[Pixels], linear: NDArray[np.float64]) -> list[Pixels]:
    height, width = layers[0].shape
    corners = linear @ np.array([[0, width, 0, width], [0, 0, height, height]], np.float64)
    low = corners.min(axis=1)
    size = np.ceil(corners.max(axis=1) - low).astype(int) + 2 * _SEAM_PX
    matrix = np.column_stack([linear, _SEAM_PX - low])
    shape = (int(size[0]), int(size[1]))
    return [np.asarray(cv2.warpAffine(layer, matrix, shape), np.uint8) for layer in layers]


def bend(letters: Sequence[Pixels], rng: Rng) -> Pixels:
    """Return a mask, uint8 (h, w), of letters set upright along the upper part of a circle."""
    gap = rng.uniform(0.08, 0.3) * max(mask.shape[0] for mask in letters)
    lengths = np.array([mask.shape[1] + gap for mask in letters])
    radius = lengths.sum() / rng.uniform(1.5, 4.5)
    angles = (np.cumsum(lengths) - lengths / 2 - lengths.sum() / 2) / radius
    placed = []
    for mask, angle in zip(letters, angles.tolist(), strict=True):
        turned = np.asarray(Image.fromarray(mask).rotate(-np.degrees(angle), expand=True))
        middle = radius + mask.shape[0] / 2
        x, y = middle * np.sin(angle), -middle * np.cos(angle)
        placed.append((round(x - turned.shape[1] / 2), round(y - turned.shape[0] / 2), turned))
    return np.asarray(np.max(_on_one_canvas(placed), axis=0), np.uint8)


def outline(mask: Pixels, rng: Rng) -> Pixels:
    """Return the contour of letters instead of their body, uint8 (h, w)."""
    width = int(rng.integers(2, 5))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * width + 1,) * 2)
    padded = np.pad(mask, width + 1)
    return np.asarray(cv2.dilate(padded, kernel) - cv2.erode(padded, kernel), np.uint8)


def _scaled(mask: Pixels, factor: float) -> Pixels:
    size = (max(1, round(mask.shape[1] * factor)), max(1, round(mask.shape[0] * factor)))
    return np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_AREA), np.uint8)
