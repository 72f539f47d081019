"""Turn any accepted picture into a normalised picture, the input of rules and network."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from logo_classifier.errors import InvalidImage, NoVisibleLogo
from logo_classifier.pictures.decoding import decode_rgba
from logo_classifier.pictures.formats.png import is_intact
from logo_classifier.pictures.formats.stream import Layout
from logo_classifier.pictures.header import (
    DECODER_ERRORS,
    Header,
    Picture,
    open_header,
    open_layout,
    receive,
)
from logo_classifier.pictures.limits import Limits
from logo_classifier.pictures.normalising import normalise, shows_ink
from logo_classifier.pictures.pixels import Colour, Pixels, halve, resample
from logo_classifier.pictures.source import Source
from logo_classifier.values import ImageFacts

NEEDED_SIDE_PX = 192
"""Longest side that rules and most networks look at. Both begin by halving, which is done once."""

_ANY_BYTES = b"\x5a\xa5\x96\x69" * 64


@dataclass(frozen=True, slots=True)
class LoadedImage:
    """A normalised picture.

    `pixels` is uint8 RGB, shape (height, width, 3), trimmed, and halved while it has at least twice
    the pixels a side that are needed. `backdrop` is the colour for padding.
    """

    pixels: Pixels
    backdrop: Colour
    facts: ImageFacts


def load_image(
    source: Source | Picture, limits: Limits | None = None, needed_side_px: int = NEEDED_SIDE_PX
) -> LoadedImage:
    """Decode and normalise a picture, or the first frame of an animation.

    `needed_side_px` is the longest side that anybody will look at.
    Raises the errors of `load_rgba`, and NoVisibleLogo.
    """
    rgba, facts = load_rgba(source, limits)
    normalised = normalise(rgba)
    if not shows_ink(normalised):
        raise NoVisibleLogo("nothing is to be seen in the picture: it is blank or of one colour")
    return LoadedImage(halve(normalised.pixels, needed_side_px), normalised.surround, facts)


def load_rgba(source: Source | Picture, limits: Limits | None = None) -> tuple[Pixels, ImageFacts]:
    """Decode a picture, or the first frame of an animation, to RGBA as `decode_rgba` does.

    Raises an `InvalidInput` error that names the limit and the value: ImageNotFound,
    ImageTooLarge, UnsupportedFormat, BadDimensions, or InvalidImage for damaged data.
    """
    limits = limits or Limits()
    picture = receive(source, limits)
    header = open_header(picture, limits)
    with header.file as file:
        if not is_intact(picture.data, header.layout.checksummed):
            raise InvalidImage("the PNG data is damaged: a checksum does not match")
        try:
            rgba = decode_rgba(file, header.layout)
            if not header.layout.ended:
                _check_whole(picture, header, limits, rgba)
        except DECODER_ERRORS as error:
            name = header.facts.format
            raise InvalidImage(f"the {name} data is damaged and does not decode") from error
    return rgba, header.facts


def _check_whole(picture: Picture, header: Header, limits: Limits, rgba: Pixels) -> None:
    """Raise InvalidImage if a JPEG without its end marker lacks scan lines, too.

    libjpeg makes up what is missing, and Pillow does not tell. What follows the last scan line of
    a whole picture changes no pixel; what stands in place of missing ones does.
    """
    layout = header.layout
    padded = Layout((*layout.pieces[:-1], _ANY_BYTES, layout.pieces[-1]))
    with open_layout(picture.data, padded, limits) as file:
        if not np.array_equal(decode_rgba(file, padded), rgba):
            raise InvalidImage("the JPEG data is cut off")


def fit_square(image: LoadedImage, side_px: int) -> Pixels:
    """Return the picture centred on a square of its backdrop: uint8 RGB (side, side, 3).

    The aspect ratio is kept. The longest side fills the square except for margins of 1/32.
    """
    inner = side_px - 2 * (side_px // 32)
    inked = resample(image.pixels, inner / max(image.pixels.shape[:2]))
    height, width = inked.shape[:2]
    top, left = (side_px - height) // 2, (side_px - width) // 2
    bottom, right = side_px - height - top, side_px - width - left
    square = cv2.copyMakeBorder(
        inked, top, bottom, left, right, cv2.BORDER_CONSTANT, value=image.backdrop
    )
    return np.asarray(square, np.uint8)
