"""Encode pixels that a caller holds in memory as a PNG, so that they pass as any other picture."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from logo_classifier.errors import InvalidImage, InvalidInput
from logo_classifier.pictures.limits import Limits, check_sides

_PNG_MODES = ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")
_AS_PNG = {
    **dict.fromkeys(("CMYK", "YCbCr", "LAB", "HSV", "RGBX"), "RGB"),
    **dict.fromkeys(("PA", "La", "RGBa"), "RGBA"),
}
"""The mode of a PNG for each of Pillow's other modes of 8 bits a channel."""

_CHANNEL_MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}
_COMPRESSION = 1


def encode_array(pixels: NDArray[Any], limits: Limits) -> bytes:
    """Return an array, uint8 (height, width) or (height, width, 1-4), as a PNG.

    One channel is grey, two are grey and alpha, three RGB and four RGBA. Raises InvalidInput for
    other types and shapes, BadDimensions for a side outside the limits.
    """
    channels = pixels.shape[2] if pixels.ndim == 3 else 1
    if pixels.dtype != np.uint8 or pixels.ndim not in (2, 3) or channels not in _CHANNEL_MODES:
        raise InvalidInput(
            "an array of pixels is uint8 with shape (height, width) or (height, width, 1 to 4), "
            f"not {pixels.dtype} with shape {pixels.shape}"
        )
    check_sides(pixels.shape[1], pixels.shape[0], limits)
    flat = pixels[..., 0] if pixels.ndim == 3 and channels == 1 else pixels
    return _png(Image.fromarray(np.ascontiguousarray(flat)))


def encode_image(image: Image.Image, limits: Limits) -> bytes:
    """Return the current frame of a Pillow image, upright, as a PNG; its metadata is left out.

    Raises InvalidInput for modes of more than 8 bits a channel except I;16, BadDimensions for a
    side outside the limits, InvalidImage for a file that does not decode.
    """
    check_sides(image.width, image.height, limits)
    mode = image.mode if image.mode in _PNG_MODES else _AS_PNG.get(image.mode)
    if mode is None:
        raise InvalidInput(f"a Pillow image of mode {image.mode} must be converted to RGB first")
    try:
        image.load()
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise InvalidImage("the Pillow image does not decode") from error
    upright = ImageOps.exif_transpose(image)
    return _png(upright if upright.mode == mode else upright.convert(mode))


def _png(image: Image.Image) -> bytes:
    file = BytesIO()
    image.save(file, "PNG", compress_level=_COMPRESSION, icc_profile=None)
    return file.getvalue()
