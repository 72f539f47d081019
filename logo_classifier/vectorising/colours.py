"""Give the fills of a drawing the exact colours of the picture's flat areas."""

from __future__ import annotations

import re

import numpy as np

from logo_classifier.pictures.pixels import Pixels

FLAT_SHARE = 0.005
"""Least share of the opaque pixels that a colour of a flat area takes."""

NEAR = 6
"""Largest difference, in a channel, of a fill from the colour that it stands for."""

_FILL = re.compile(r'fill="#([0-9A-Fa-f]{6})"')


def snap_fills(svg: str, prepared: Pixels) -> str:
    """Return a drawing whose fills near a flat colour of the picture, uint8 RGBA, have that colour.

    VTracer fills a shape with the mean of its pixels, those of the soft edge among them, so that
    the white of a logo becomes an off-white.
    """
    flat = _flat_colours(prepared)

    def snapped(fill: re.Match[str]) -> str:
        colour = np.frombuffer(bytes.fromhex(fill[1]), np.uint8).astype(np.int16)
        distances = np.abs(flat - colour).max(axis=1)
        if not len(flat) or distances.min() > NEAR:
            return fill[0]
        return f'fill="#{bytes(flat[distances.argmin()].astype(np.uint8)).hex()}"'

    return _FILL.sub(snapped, svg)


def _flat_colours(prepared: Pixels) -> np.ndarray[tuple[int, ...], np.dtype[np.int16]]:
    """Return the colours, shape (n, 3), that take a notable share of the opaque pixels."""
    packed = np.ascontiguousarray(prepared).view(np.uint32).ravel()
    opaque = packed[prepared[..., 3].ravel() > 0]
    colours, counts = np.unique(opaque, return_counts=True)
    flat = colours[counts >= FLAT_SHARE * len(opaque)]
    return flat.view(np.uint8).reshape(-1, 4)[:, :3].astype(np.int16)
