"""Set text in real fonts, and vary it as designers of logos do."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from app.classification.image import Pixels
from training.augment import Rng

_FONT_SIZE_PX = 96


def set_text(fonts: Sequence[Path], text: str, rng: Rng, tight: bool = False) -> Pixels:
    """Return a mask (h, w) of the text in one of the fonts, cropped to its ink.

    `tight` lets letters touch. Raises ValueError where no font that was tried shows the text.
    """
    for _ in range(8):
        font = ImageFont.truetype(fonts[int(rng.integers(len(fonts)))], _FONT_SIZE_PX)
        image = Image.new("L", (int(font.getlength(text)) + 200, 260))
        pen = ImageDraw.Draw(image)
        if tight and len(text) > 1:
            left = 60.0
            for letter in text:
                pen.text((left, 60), letter, fill=255, font=font)
                left += font.getlength(letter) * rng.uniform(0.8, 1.0)
        else:
            pen.text((60, 60), text, fill=255, font=font)
        if image.getbbox() is not None:
            return restyle(_cropped(np.asarray(image)), rng)
    raise ValueError(f"no font shows {text!r}")


def restyle(mask: Pixels, rng: Rng) -> Pixels:
    """Return a mask of lettering as it is, or stretched, slanted, hollow or cut by lines."""
    stretch = np.exp(rng.uniform(np.log(0.65), np.log(1.7))) if rng.random() < 0.3 else 1.0
    slant = rng.uniform(-0.1, 0.35) if rng.random() < 0.2 else 0.0
    if stretch != 1 or slant:
        mask = _slanted(mask, float(stretch), float(slant))
    style = rng.random()
    if style < 0.06:
        width = max(2, round(mask.shape[0] * rng.uniform(0.02, 0.05)))
        brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width, width))
        roomy = np.pad(mask, width)
        mask = np.asarray(cv2.morphologyEx(roomy, cv2.MORPH_GRADIENT, brush), np.uint8)
    elif style < 0.12:
        mask = _cut(mask, int(rng.integers(1, 4)), rng)
    return _cropped(mask)


def _slanted(mask: Pixels, stretch: float, slant: float) -> Pixels:
    height, width = mask.shape
    lean = abs(slant) * height
    matrix = np.array([[stretch, -slant, lean], [0, 1, 0]], np.float32)
    size = (int(width * stretch + 2 * lean) + 2, height)
    return np.asarray(cv2.warpAffine(mask, matrix, size, flags=cv2.INTER_AREA), np.uint8)


def _cut(mask: Pixels, lines: int, rng: Rng) -> Pixels:
    height = mask.shape[0]
    cut = mask.copy()
    thick = max(2, round(height * rng.uniform(0.03, 0.07)))
    for line in range(1, lines + 1):
        top = height * line // (lines + 1)
        cut[top : top + thick] = 0
    return cut if cut.any() else mask


def _cropped(mask: Pixels) -> Pixels:
    box = Image.fromarray(mask).getbbox()
    return np.asarray(Image.fromarray(mask).crop(box), np.uint8)
