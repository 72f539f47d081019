"""Draw where the network read its evidence: class activation maps (Zhou et al., 2016).

The logits of a network that ends in a mean over places and one linear layer are sums over these
places. That is exact for the features of the last layer. It is not for the pixels: each place sees
far more of the picture than the cell that stands for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from logo_classifier.explanations.drawing import BLUE, ORANGE, as_data_url, as_hex, fade_out
from logo_classifier.network.bundle import ModelBundle
from logo_classifier.network.runtime import Evidence
from logo_classifier.pictures.image import LoadedImage, fit_square
from logo_classifier.pictures.pixels import Pixels

CAPTION = "where evidence was read, not what caused the answer"
_STRONGEST_OPACITY = 204
_DECIMALS = 6


@dataclass(frozen=True, slots=True)
class EvidenceMap:
    """A score of the network as a sum: `cells`, shape (height, width), a bias and a rounding."""

    title: str
    score: float
    bias: float
    cells: NDArray[np.float64]

    @property
    def rounding(self) -> float:
        """Return what 8-bit numbers make of the score's sum."""
        return self.score - self.bias - float(self.cells.sum())


def maps_of(evidence: Evidence, bundle: ModelBundle) -> Iterator[EvidenceMap]:
    """Yield the map of the likeliest type less the second one, then that of each trait.

    A softmax compares: the map of one type alone would say nothing about its rival.
    """
    logits, bias = evidence.logits.astype(np.float64), evidence.bias.astype(np.float64)
    cells, types = evidence.cells.astype(np.float64), len(bundle.types)
    first, second, *_ = np.argsort(-logits[:types], kind="stable").tolist()
    yield EvidenceMap(
        f"{bundle.types[first].value} rather than {bundle.types[second].value}",
        float(logits[first] - logits[second]),
        float(bias[first] - bias[second]),
        cells[first] - cells[second],
    )
    for place in range(types, len(logits)):
        title = bundle.traits[place - types].value
        yield EvidenceMap(title, float(logits[place]), float(bias[place]), cells[place])


def describe_maps(image: LoadedImage, evidence: Evidence, bundle: ModelBundle) -> dict[str, Any]:
    """Return the drawn maps as JSON-ready values, with a legend."""
    small = cv2.resize(
        fit_square(image, bundle.side_px), None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA
    )
    pale = fade_out(np.asarray(small, np.uint8))
    return {
        "reason": None,
        "caption": CAPTION,
        "legend": {"support": as_hex(BLUE), "against": as_hex(ORANGE)},
        "maps": [
            {
                "title": each.title,
                "score": round(each.score, _DECIMALS),
                "bias": round(each.bias, _DECIMALS),
                "rounding": round(each.rounding, _DECIMALS),
                "cells": each.cells.round(_DECIMALS).tolist(),
                "image": as_data_url(draw_map(pale, each.cells)),
            }
            for each in maps_of(evidence, bundle)
        ],
    }


def describe_no_maps(reason: str) -> dict[str, Any]:
    """Return what stands in place of maps, with the reason for which there are none."""
    return {"reason": reason, "caption": None, "legend": None, "maps": []}


def draw_map(pale: Pixels, cells: NDArray[np.float64]) -> Pixels:
    """Return a pale square with its cells tinted: blue speaks for it, orange against it.

    The cells stay as coarse as they are. The largest one is the most opaque.
    """
    strength = cells * (_STRONGEST_OPACITY / max(float(np.abs(cells).max()), 1e-9))
    opacity = np.abs(strength)[..., None]
    colours = np.where(strength[..., None] > 0, BLUE, ORANGE)
    # Both are worked out for the few cells and then spread, since a picture has four maps.
    paint = _spread(colours * (opacity / 255), pale)
    rest = _spread(np.repeat(255 - opacity, 3, axis=2), pale)
    return np.asarray(cv2.add(cv2.multiply(pale, rest, scale=1 / 255), paint), np.uint8)


def _spread(cells: NDArray[np.float64], over: Pixels) -> Pixels:
    """Return cells, shape (h, w, 3), as blocks at the size of a picture."""
    height, width = over.shape[:2]
    small = cells.round().astype(np.uint8)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_NEAREST), np.uint8)
