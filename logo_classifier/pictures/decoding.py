"""Decode an opened picture to upright RGBA, with the transparency that its format means.

What a format means is what browsers show: PNG (W3C, 3rd edition, 11.3.1.1, tRNS), GIF89a
(section 18, logical screen), BMP (alpha that nobody filled in).
"""

from __future__ import annotations

from contextlib import suppress

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile, ImageOps

from logo_classifier.pictures.source import DECODER_ERRORS

WORKING_SIDE = 512
"""Longest side, in pixels, of a normalised picture."""

_LEAST_SIDE = WORKING_SIDE * 3 // 4
"""Larger pictures keep at least so much of their longest side, in pixels."""

_GREY_LEVELS = {"L;2": 3, "L;4": 15}
"""The largest level of a grey of few bits, by Pillow's name of the layout."""

_CLEAR = (0, 0, 0, 0)


def decode_rgba(file: ImageFile.ImageFile) -> NDArray[np.uint8]:
    """Return the first frame upright as uint8 RGBA, its longest side under 1.5 `WORKING_SIDE`.

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
    # Whole factors are fast: better a little below the working side than the last step in area.
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
    """Return where the first frame of a GIF lies, if it leaves a part of the canvas open."""
    if file.format != "GIF" or not file.tile:
        return None
    box = file.tile[0].extents
    return None if box == (0, 0, *file.size) else box


def _clear_outside(image: Image.Image, box: tuple[int, int, int, int]) -> Image.Image:
    # Pillow paints the rest in the palette's first colour.
    canvas = Image.new("RGBA", image.size, _CLEAR)
    canvas.paste(image.crop(box), box)
    return canvas


def _scale_transparent_level(file: ImageFile.ImageFile) -> None:
    """Bring the colour that a PNG names as transparent to the eight bits that Pillow decodes to.

    Of 16-bit colours Pillow keeps the high bytes, so that all which share those are transparent.
    """
    level = file.info.get("transparency")
    layout = file.tile[0].args if file.tile else None
    if isinstance(level, int) and layout in _GREY_LEVELS:
        most = _GREY_LEVELS[layout]
        file.info["transparency"] = (level & most) * (255 // most)
    elif isinstance(level, tuple) and layout == "RGB;16B":
        file.info["transparency"] = tuple(channel >> 8 for channel in level)


def _in_rgba(image: Image.Image) -> Image.Image:
    # Pillow copies even what is in the mode already.
    return image if image.mode == "RGBA" else image.convert("RGBA")


def _eight_bits(image: Image.Image) -> Image.Image:
    """Return 16-bit grey as 8-bit grey and alpha; a PNG may name one level as transparent."""
    levels = np.asarray(image, np.uint16)
    grey = Image.fromarray((levels >> 8).astype(np.uint8))
    transparent = image.info.get("transparency")
    alpha = np.where(levels == transparent, 0, 255).astype(np.uint8)
    return Image.merge("LA", (grey, Image.fromarray(alpha)))


def _upright(file: Image.Image) -> Image.Image:
    # Damaged metadata says nothing of the orientation and does not spoil the pixels.
    with suppress(*DECODER_ERRORS):
        ImageOps.exif_transpose(file, in_place=True)
    return file
