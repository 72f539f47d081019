"""Draw what the rules count: edges, smooth fades, separate parts, and the row of letters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from logo_classifier.explanations.drawing import (
    BLUE,
    GREEN,
    ORANGE,
    RED,
    as_data_url,
    as_hex,
    fade_out,
    tint,
)
from logo_classifier.pictures.pixels import Pixels
from logo_classifier.rules.edges import EDGE_STEP
from logo_classifier.rules.letters import Statistics, find_row
from logo_classifier.rules.measuring import BORDER, STRIDE, Measured, above

_FADE_DEVIATION = 8
_PART_PX = 100
_LEAST_LETTERS = 3
_FADE_OPACITY = 180
_SQUARE_3 = np.ones((3, 3), np.uint8)


@dataclass(frozen=True, slots=True)
class Counted:
    """What is counted in a picture.

    `edge_share` is that of the picture, `fade_share` that of the ink (0-1). `parts` is the number
    of smooth areas of ink. `letters` has the boxes of the most letter-like row: left, top, width,
    height and area in pixels, shape (n, 5), with the border around the picture.
    """

    edges: NDArray[np.uint8]
    faded: NDArray[np.bool_]
    parted: NDArray[np.bool_]
    edge_share: float
    fade_share: float
    parts: int
    letters: Statistics


def count_parts(measured: Measured) -> Counted:
    """Return what the rules count in a picture, with its places."""
    areas, edges = measured.areas, above(measured.step, EDGE_STEP)
    fading = areas.inked & (areas.deviations > _FADE_DEVIATION)
    parts = areas.inked & (areas.sizes >= _PART_PX)
    shape = measured.ink.shape[0], measured.ink.shape[1]
    rows = [find_row(each, shape) for each in (measured.shapes[1], areas.statistics())]
    letters = max(rows, key=len)
    return Counted(
        edges=edges,
        faded=areas.cover(fading),
        parted=areas.cover(parts),
        edge_share=cv2.countNonZero(edges) / edges.size,
        fade_share=min(1.0, float(areas.sizes[fading].sum()) / measured.ink_px),
        parts=int(parts.sum()),
        letters=letters if len(letters) >= _LEAST_LETTERS else letters[:0],
    )


def draw_overlay(measured: Measured, counted: Counted) -> dict[str, Any]:
    """Return the drawing as a data URL with its size in pixels, and the legend to it."""
    pixels = draw_counted(measured, counted)
    legend = (
        ("fades", ORANGE, "areas whose tone changes smoothly", round(counted.fade_share, 6)),
        ("parts", BLUE, "rims of separate areas of one tone or fade", counted.parts),
        ("edges", RED, "steps from one tone to another", round(counted.edge_share, 6)),
        ("letters", GREEN, "the row of shapes that is most like letters", len(counted.letters)),
    )
    return {
        "image": as_data_url(pixels),
        "width": pixels.shape[1],
        "height": pixels.shape[0],
        "legend": [
            {
                "name": name,
                "colour": as_hex(colour),
                "meaning": meaning,
                "count" if isinstance(amount, int) else "share": amount,
            }
            for name, colour, meaning, amount in legend
        ],
    }


def draw_counted(measured: Measured, counted: Counted) -> Pixels:
    """Return the drawing, uint8 RGB, of the size at which the picture was measured."""
    size = measured.ink.shape
    faded = _enlarge(counted.faded.view(np.uint8), size)
    rims = counted.parted.view(np.uint8) - cv2.erode(counted.parted.view(np.uint8), _SQUARE_3)
    drawn = tint(fade_out(measured.pixels), ORANGE, faded * np.uint8(_FADE_OPACITY))
    drawn[_enlarge(np.asarray(rims, np.uint8), size) > 0] = BLUE
    drawn[counted.edges > 0] = RED
    for left, top, width, height, _ in counted.letters.tolist():
        cv2.rectangle(drawn, (left, top, width, height), GREEN)
    return np.ascontiguousarray(drawn[BORDER:-BORDER, BORDER:-BORDER])


def _enlarge(sparse: NDArray[np.uint8], size: tuple[int, ...]) -> NDArray[np.uint8]:
    """Return a sparse mask at the size (height, width) of the picture."""
    whole = sparse.repeat(STRIDE, axis=0).repeat(STRIDE, axis=1)
    return whole[: size[0], : size[1]]
