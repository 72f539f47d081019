"""Prepare a decoded picture for a tracer, and give the SVG the size of the picture again."""

from __future__ import annotations

import re

import cv2
import numpy as np

from logo_classifier.pictures.pixels import Pixels
from logo_classifier.vectorising.settings import Preparation

_HEAD = re.compile(r'<svg version="1\.1" xmlns="[^"]*" width="\d+" height="\d+">')


def prepare(rgba: Pixels, preparation: Preparation) -> Pixels:
    """Return a picture, uint8 RGBA (height, width, 4), enlarged, with hard edges and a margin.

    Colours are weighted by their opacity (premultiplied alpha, Porter and Duff, 1984), so that no
    colour of a transparent pixel bleeds into the ink. An opaque picture gets no margin.
    """
    enlarged = _enlarge(rgba, preparation.scale)
    # Of a picture that is faint all over, the more opaque half of the levels is shown.
    least = min(preparation.alpha_threshold, (int(enlarged[..., 3].max()) + 1) // 2)
    shown = enlarged[..., 3] >= max(1, least)
    if shown.all():
        enlarged[..., 3] = 255
        return enlarged
    enlarged[~shown] = 0
    enlarged[shown, 3] = 255
    margin = preparation.margin_px
    return np.pad(enlarged, ((margin, margin), (margin, margin), (0, 0)))


def fit(svg: str, rgba: Pixels, prepared: Pixels, scale: int, shown: float) -> str:
    """Return VTracer's SVG of a prepared picture, shown at `shown` times the size of the picture.

    Raises ValueError for an SVG without the head that VTracer writes.
    """
    height, width = rgba.shape[:2]
    margin = (prepared.shape[1] - width * scale) // 2
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{round(width * shown)}" '
        f'height="{round(height * shown)}" '
        f'viewBox="{margin} {margin} {width * scale} {height * scale}">'
    )
    fitted, found = _HEAD.subn(head, svg, count=1)
    if not found:
        raise ValueError("the tracer wrote no head that is known here")
    return fitted


def _enlarge(rgba: Pixels, scale: int) -> Pixels:
    if scale == 1:
        return rgba.copy()
    weighted = rgba.astype(np.float32)
    weighted[..., :3] *= weighted[..., 3:] / 255
    size = (rgba.shape[1] * scale, rgba.shape[0] * scale)
    weighted = np.asarray(cv2.resize(weighted, size, interpolation=cv2.INTER_CUBIC), np.float32)
    weighted[..., :3] *= 255 / np.maximum(weighted[..., 3:], 1)
    return weighted.round().clip(0, 255).astype(np.uint8)
