"""Decode an opened picture to upright RGBA: apply its EXIF orientation and its transparency.

Transparency is what browsers show: PNG (W3C, 3rd edition, 11.3.1.1, tRNS), GIF89a (section 18,
logical screen), BMP (an alpha channel of zeros is unused).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile, TiffImagePlugin

from logo_classifier.pictures.formats.orientation import UPRIGHT, read_orientation
from logo_classifier.pictures.formats.stream import Box, Layout
from logo_classifier.pictures.formats.webp import decode_webp

WORKING_SIDE = 512
"""Longest side, in pixels, of a normalised picture."""

_LEAST_SIDE = WORKING_SIDE * 3 // 4
"""Lower bound, in pixels, for the longest side of a picture that is scaled down."""

_STRIP_PIXELS = 1 << 20
"""Pixels that are converted and reduced at a time: a copy of a large picture costs 100 MB."""

_GREY_LEVELS = {"L;2": 3, "L;4": 15}
"""Largest grey level at 2 and 4 bits, by Pillow's name of the layout."""

_CLEAR = (0, 0, 0, 0)
_WHOLE = Layout(())


@dataclass(frozen=True, slots=True)
class _Canvas:
    """A decoded picture as it is shown: `size` is the canvas, `box` what the picture covers.

    `origin` is the place of the picture's first pixel on the canvas.
    """

    image: Image.Image
    size: tuple[int, int]
    box: Box | None
    origin: tuple[int, int]
    ignore_alpha: bool

    @property
    def is_opaque(self) -> bool:
        """Return whether the picture can be reduced as it is, without transparency."""
        image = self.image
        return image.mode in ("RGB", "L") and "transparency" not in image.info and not self.box

    def rows(self, top: int, bottom: int) -> Image.Image:
        """Return some rows of the canvas, as RGBA unless the picture is opaque."""
        width = self.size[0]
        if self.box is None:
            part = self._cut((0, top, width, bottom))
            return part if self.is_opaque else _in_rgba(part)
        # Pillow fills the rest of a GIF's canvas with the first colour of the palette.
        strip = Image.new("RGBA", (width, bottom - top), _CLEAR)
        left, first, right, last = self.box
        first, last = max(first, top), min(last, bottom)
        if first < last:
            strip.paste(_in_rgba(self._cut((left, first, right, last))), (left, first - top))
        return strip

    def _cut(self, box: Box) -> Image.Image:
        left, top = self.origin
        inside = (box[0] - left, box[1] - top, box[2] - left, box[3] - top)
        part = self.image if inside == (0, 0, *self.image.size) else self.image.crop(inside)
        if part.mode.startswith("I;16"):
            part = _eight_bits(part)
        if self.ignore_alpha:
            part.putalpha(255)
        return part


def decode_rgba(file: ImageFile.ImageFile, layout: Layout = _WHOLE) -> NDArray[np.uint8]:
    """Return the first frame, upright, as uint8 RGBA (height, width, 4).

    The longest side is below 1.5 `WORKING_SIDE`. The whole picture is decoded once, in the mode of
    the file, of at most 4 bytes a pixel; all else works on strips of rows.

    Raises one of `DECODER_ERRORS` for damaged data.
    """
    orientation = _orientation(file, layout)
    frame_box = layout.frame or _frame_box(file)
    _scale_transparent_level(file)
    file.draft("RGB", (_LEAST_SIDE, _LEAST_SIDE))
    image = _load(file)
    size = layout.canvas or image.size
    origin = layout.frame[:2] if layout.frame else (0, 0)
    canvas = _Canvas(image, size, frame_box, origin, _has_unused_alpha(image, file.format))
    # Integer factors are fast. A result slightly below the working side is better than another
    # step of area resampling.
    factor = max(1, round(max(size) / WORKING_SIDE))
    reduced = _reduced(canvas, factor)
    turn = _TURNS.get(orientation)
    return _in_numpy(reduced if turn is None else reduced.transpose(turn))


def _in_numpy(image: Image.Image) -> NDArray[np.uint8]:
    """Return the pixels of an RGBA picture, as uint8 (height, width, 4).

    They are pasted into an image that lies in the array: one copy. What `numpy.asarray` does with a
    picture, an encoder's rows joined to bytes, takes eight times as long.
    """
    pixels = np.empty((image.height, image.width, 4), np.uint8)
    array = Image.frombuffer("RGBA", image.size, pixels, "raw", "RGBA", 0, 1)
    array.im.paste(image.im, (0, 0, *image.size))
    return pixels


def _reduced(canvas: _Canvas, factor: int) -> Image.Image:
    """Return the canvas as RGBA, reduced by a whole factor strip by strip."""
    width, height = canvas.size
    step = -(-_STRIP_PIXELS // (width * factor)) * factor
    strips = (canvas.rows(top, min(top + step, height)) for top in range(0, height, step))
    parts = [_in_rgba(strip.reduce(factor) if factor > 1 else strip) for strip in strips]
    if len(parts) == 1:
        return parts[0]
    reduced = Image.new("RGBA", (parts[0].width, sum(part.height for part in parts)))
    for number, part in enumerate(parts):
        reduced.paste(part, (0, number * parts[0].height))
    return reduced


def _frame_box(file: ImageFile.ImageFile) -> Box | None:
    """Return the box of a GIF's first frame if it does not cover the whole canvas."""
    if file.format != "GIF" or not file.tile:
        return None
    box = file.tile[0].extents
    return None if box == (0, 0, *file.size) else box


def _has_unused_alpha(image: Image.Image, format_name: str | None) -> bool:
    """Return whether nobody filled in the alpha channel of a BMP."""
    if format_name != "BMP" or image.mode != "RGBA":
        return False
    return image.getextrema()[-1:] == ((0, 0),)


def _load(file: ImageFile.ImageFile) -> Image.Image:
    """Return the decoded first frame."""
    if file.format == "WEBP" and file.fp:
        file.fp.seek(0)
        return decode_webp(file.fp.read())
    file.load()
    return file


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
    levels = np.asarray(image)
    grey = Image.fromarray((levels >> 8).astype(np.uint8))
    transparent = image.info.get("transparency")
    alpha = np.full(levels.shape, 255, np.uint8)
    if isinstance(transparent, int):
        alpha[levels == transparent] = 0
    return Image.merge("LA", (grey, Image.fromarray(alpha)))


def _orientation(file: Image.Image, layout: Layout) -> int:
    """Return the EXIF orientation of a file, of which the layout may know already."""
    if layout.orientation is not None:
        return layout.orientation
    if isinstance(file, TiffImagePlugin.TiffImageFile):
        value = file.tag_v2.get(_ORIENTATION, UPRIGHT)
        return value if isinstance(value, int) else UPRIGHT
    exif = file.info.get("exif", b"")
    return read_orientation(exif) if isinstance(exif, bytes) else UPRIGHT


_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What makes a picture of each EXIF orientation upright (CIPA DC-008, 4.6.4)."""
