"""Decode an opened picture to upright RGBA: apply its EXIF orientation and its transparency.

Transparency is what browsers show: PNG (W3C, 3rd edition, 11.3.1.1, tRNS), GIF89a (section 18,
logical screen), BMP (an alpha channel of zeros is unused).
"""

from __future__ import annotations

from contextlib import suppress

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile, ImageOps

from logo_classifier.pictures.header import DECODER_ERRORS

WORKING_SIDE = 512
"""Longest side, in pixels, of a normalised picture."""

_LEAST_SIDE = WORKING_SIDE * 3 // 4
"""Lower bound, in pixels, for the longest side of a picture that is scaled down."""

_GREY_LEVELS = {"L;2": 3, "L;4": 15}
"""Largest grey level at 2 and 4 bits, by Pillow's name of the layout."""

_CLEAR = (0, 0, 0, 0)


def decode_rgba(file: ImageFile.ImageFile) -> NDArray[np.uint8]:
    """Return the first frame, upright, as uint8 RGBA (height, width, 4).

    The longest side is below 1.5 `WORKING_SIDE`.

    Raises one of `DECODER_ERRORS` for damaged data.
    """
    frame_box = _frame_box(file)
    _scale_transparent_level(file)
    file.draft("RGB", (_LEAST_SIDE, _LEAST_SIDE))
    file.load()
    image = _upright(file)
    if image.mode.startswith("I;16"):
        image = _eight_bits(image)
    opaque = image.mode in ("RGB", "L") and "transparency" not in image.info and not frame_box
    # Integer factors are fast. A result slightly below the working side is better than another
    # step of area resampling.
    factor = round(max(image.size) / WORKING_SIDE)
    if not opaque or factor < 2:
        image = _in_rgba(image)
    if frame_box:
        image = _clear_outside(image, frame_box)
    if (
        file.format == "BMP"
        and image.mode == "RGBA"
        and image.getchannel("A").getextrema() == (0, 0)
    ):
        image.putalpha(255)
    if factor >= 2:
        image = image.reduce(factor)
    return np.asarray(_in_rgba(image))


def _frame_box(file: ImageFile.ImageFile) -> tuple[int, int, int, int] | None:
    """Return the box of a GIF's first frame if it does not cover the whole canvas."""
    if file.format != "GIF" or not file.tile:
        return None
    box = file.tile[0].extents
    return None if box == (0, 0, *file.size) else box


def _clear_outside(image: Image.Image, box: tuple[int, int, int, int]) -> Image.Image:
    # Pillow fills the rest of the canvas with the first colour of the palette.
    canvas = Image.new("RGBA", image.size, _CLEAR)
    canvas.paste(image.crop(box), box)
    return canvas


def _scale_transparent_level(file: ImageFile.ImageFile) -> None:
    """Scale the transparent colour of a PNG to the 8 bits that Pillow decodes to.

    Pillow keeps the high bytes of 16-bit colours, so all colours with these high bytes become
    transparent.
    """
    level = file.info.get("transparency")
    layout = file.tile[0].args if file.tile else None
    if isinstance(level, int) and layout in _GREY_LEVELS:
        most = _GREY_LEVELS[layout]
        file.info["transparency"] = (level & most) * (255 // most)
    elif isinstance(level, tuple) and layout == "RGB;16B":
        file.info["transparency"] = tuple(channel >> 8 for channel in level)


def _in_rgba(image: Image.Image) -> Image.Image:
    # Pillow's convert copies a picture even if it has the mode already.
    return image if image.mode == "RGBA" else image.convert("RGBA")


def _eight_bits(image: Image.Image) -> Image.Image:
    """Return 16-bit grey as 8-bit grey and alpha; a PNG may have one transparent level."""
    levels = np.asarray(image, np.uint16)
    grey = Image.fromarray((levels >> 8).astype(np.uint8))
    transparent = image.info.get("transparency")
    alpha = np.where(levels == transparent, 0, 255).astype(np.uint8)
    return Image.merge("LA", (grey, Image.fromarray(alpha)))


def _upright(file: Image.Image) -> Image.Image:
    # Damaged metadata has no usable EXIF orientation, but the pixels may be intact.
    with suppress(*DECODER_ERRORS):
        ImageOps.exif_transpose(file, in_place=True)
    return file
