"""Draw on a faint copy of a picture, and pass drawings as data URLs."""

from __future__ import annotations

from base64 import b64encode

import cv2
import numpy as np
from numpy.typing import NDArray

from logo_classifier.pictures.pixels import Colour, Pixels

# The colours of Okabe and Ito (2008), which colour-blind people can tell apart.
BLUE: Colour = (0, 114, 178)
ORANGE: Colour = (230, 159, 0)
GREEN: Colour = (0, 158, 115)
RED: Colour = (213, 94, 0)

_PICTURE_SHARE = 0.3
_FAST_COMPRESSION = (cv2.IMWRITE_PNG_COMPRESSION, 1)


def fade_out(pixels: Pixels) -> Pixels:
    """Return a picture in pale grey, so that colours drawn on it stand out."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    pale = cv2.convertScaleAbs(grey, alpha=_PICTURE_SHARE, beta=255 * (1 - _PICTURE_SHARE))
    return np.asarray(cv2.cvtColor(pale, cv2.COLOR_GRAY2RGB), np.uint8)


def blend(pixels: Pixels, colour: Colour, opacity: NDArray[np.float32]) -> Pixels:
    """Return a picture with a colour over it; `opacity`, shape (h, w), is 0-1."""
    share = opacity[..., None]
    return np.rint(pixels * (1 - share) + np.float32(colour) * share).astype(np.uint8)


def as_hex(colour: Colour) -> str:
    """Return a colour as CSS writes it."""
    return "#{:02x}{:02x}{:02x}".format(*colour)


def as_data_url(pixels: Pixels) -> str:
    """Return a picture as the data URL (RFC 2397) of a PNG."""
    _, data = cv2.imencode(".png", pixels[..., ::-1], _FAST_COMPRESSION)
    return "data:image/png;base64," + b64encode(data.tobytes()).decode("ascii")
