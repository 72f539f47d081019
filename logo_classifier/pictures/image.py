"""Turn any accepted picture into a normalised picture, the input of rules and network."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from logo_classifier.errors import InvalidImage
from logo_classifier.pictures.decoding import WORKING_SIDE, decode_rgba
from logo_classifier.pictures.header import DECODER_ERRORS, Picture, open_header, receive
from logo_classifier.pictures.normalising import normalise
from logo_classifier.pictures.pixels import Colour, Pixels, resample, shrink
from logo_classifier.pictures.source import Limits, Source
from logo_classifier.pictures.structure import pixel_data_is_intact
from logo_classifier.values import ImageFacts


@dataclass(frozen=True, slots=True)
class LoadedImage:
    """A normalised picture.

    `pixels` is uint8 RGB, shape (height, width, 3), trimmed, longest side at most
    `WORKING_SIDE`. `backdrop` is the colour for padding.
    """

    pixels: Pixels
    backdrop: Colour
    facts: ImageFacts


def load_image(source: Source | Picture, limits: Limits | None = None) -> LoadedImage:
    """Decode and normalise a picture, or the first frame of an animation.

    Raises an `InvalidInput` error that names the limit and the value: ImageNotFound,
    ImageTooLarge, UnsupportedFormat, BadDimensions, or InvalidImage for damaged data.
    """
    limits = limits or Limits()
    picture = receive(source, limits)
    header = open_header(picture, limits)
    with header.file as file:
        if not pixel_data_is_intact(picture.data, header.pixel_chunks):
            raise InvalidImage("the PNG data is damaged: a checksum does not match")
        try:
            rgba = decode_rgba(file)
        except DECODER_ERRORS as error:
            name = header.facts.format
            raise InvalidImage(f"the {name} data is damaged and does not decode") from error
    normalised = normalise(rgba)
    return LoadedImage(shrink(normalised.pixels, WORKING_SIDE), normalised.surround, header.facts)


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
