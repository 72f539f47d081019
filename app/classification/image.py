"""Turn any accepted upload into the one normalised picture that everything else looks at.

Training and serving share this path: decoding, a backdrop chosen from the ink, trimmed margins,
kept aspect.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray
from PIL import Image

from app.classification.checksums import pixel_data_is_intact
from app.classification.decoding import WORKING_SIDE, decode_rgba
from app.classification.errors import InvalidImage
from app.classification.resampling import resample
from app.classification.source import (
    DECODER_ERRORS,
    Limits,
    Source,
    facts_of,
    open_header,
    read_source,
)
from app.classification.types import ImageFacts

Pixels = NDArray[np.uint8]
Colour = tuple[int, int, int]

WHITE: Colour = (255, 255, 255)
BACKDROPS: tuple[Colour, ...] = (WHITE, (34, 34, 34), (128, 128, 128))
"""Candidates for what a transparent picture is laid over, in order of preference."""

VANISHING_SHARE = 0.05
"""Largest share of the rim of the ink that a backdrop may swallow."""

_VANISHING_DISTANCE = 40
_MARGIN_TOLERANCE = 20


@dataclass(frozen=True, slots=True)
class LoadedImage:
    """Hold a normalised picture.

    `pixels` is uint8 RGB, shape (height, width, 3), trimmed, longest side at most
    `WORKING_SIDE`; `backdrop` is the colour around it, for padding.
    """

    pixels: Pixels
    backdrop: Colour
    facts: ImageFacts


def load_image(
    source: Source, limits: Limits | None = None, sha256: str | None = None
) -> LoadedImage:
    """Decode and normalise a picture; `sha256` spares computing a known digest again.

    Raises an `InvalidInput` error that names the limit and the value: ImageNotFound,
    ImageTooLarge, UnsupportedFormat, BadDimensions, or InvalidImage for damaged data.
    Only the first frame of an animation is read.
    """
    limits = limits or Limits()
    data = read_source(source, limits)
    with open_header(data, limits) as file:
        facts = facts_of(file, data, sha256)
        if facts.format == "PNG" and not pixel_data_is_intact(data):
            raise InvalidImage("the PNG data is damaged: a checksum does not match")
        try:
            rgba = decode_rgba(file)
        except DECODER_ERRORS as error:
            raise InvalidImage(f"the {facts.format} data is damaged and does not decode") from error
    backdrop = choose_backdrop(rgba)
    pixels = composite(rgba, backdrop)
    surround = margin_colour(pixels, backdrop)
    left, top, width, height = content_box(pixels, surround)
    pixels = shrink(pixels[top : top + height, left : left + width], WORKING_SIDE)
    return LoadedImage(pixels, surround, facts)


def choose_backdrop(rgba: Pixels) -> Colour:
    """Return the first of `BACKDROPS` over which the rim of the ink stays visible.

    What matters is the ink that touches transparency: a white letter inside a coloured
    tile cannot vanish, a white wordmark on nothing can.
    """
    rim = ink_rim(rgba)
    if not len(rim):
        return WHITE
    shares = []
    for colour in BACKDROPS:
        shares.append(vanishing_share(rim, colour))
        if shares[-1] <= VANISHING_SHARE:
            return colour
    return BACKDROPS[int(np.argmin(shares))]


def ink_rim(rgba: Pixels) -> NDArray[np.int16]:
    """Return the colours, shape (n, 3), of the ink that borders on transparency.

    The edge of the picture counts as transparent; an opaque picture has no rim. Ink is what is more
    than half opaque, or more than half as opaque as a faint picture is at its most.
    """
    alpha = cv2.extractChannel(rgba, 3)
    if int(alpha.min()) == 255:
        return np.empty((0, 3), np.int16)
    limit = min(127, int(alpha.max()) // 2)
    ink = cv2.threshold(alpha, limit, 1, cv2.THRESH_BINARY)[1]
    inner = cv2.erode(ink, np.ones((3, 3), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=0)
    at = np.flatnonzero(cv2.subtract(ink, inner).view(np.bool_))
    rim: NDArray[np.int16] = rgba.reshape(-1, 4)[at, :3].astype(np.int16)
    return rim


def vanishing_share(rim: NDArray[np.int16], colour: Colour) -> float:
    """Return the share (0-1) of the rim that comes too close to a colour to be seen on it."""
    red, green, blue = np.abs(rim - np.array(colour, np.int16)).T
    distance = np.maximum(np.maximum(red, green), blue)
    return float((distance < _VANISHING_DISTANCE).mean())


def composite(rgba: Pixels, backdrop: Colour) -> Pixels:
    """Lay an RGBA picture over one colour; uint8 RGB comes back."""
    if int(cv2.extractChannel(rgba, 3).min()) == 255:
        return np.asarray(cv2.cvtColor(rgba, cv2.COLOR_RGBA2RGB), np.uint8)
    image = Image.fromarray(rgba)
    laid = Image.new("RGB", image.size, backdrop)
    laid.paste(image, mask=image)
    return np.asarray(laid)


def margin_colour(pixels: Pixels, default: Colour) -> Colour:
    """Return the colour that the four corners share, or the default where they differ."""
    # A dozen numbers are not worth what numpy takes for each call.
    corners = pixels[[0, 0, -1, -1], [0, -1, 0, -1]].tolist()
    channels = [sorted(levels) for levels in zip(*corners, strict=True)]
    if any(levels[-1] - levels[0] > _MARGIN_TOLERANCE for levels in channels):
        return default
    red, green, blue = ((levels[1] + levels[2]) // 2 for levels in channels)
    return red, green, blue


def content_box(pixels: Pixels, surround: Colour) -> tuple[int, int, int, int]:
    """Return (left, top, width, height) of what differs from the surround, in pixels.

    A picture of nothing but the surround keeps its whole area.
    """
    distance = colour_distance(pixels, surround)
    left, top, width, height = cv2.boundingRect((distance > _MARGIN_TOLERANCE).astype(np.uint8))
    if width == 0 or height == 0:
        return 0, 0, pixels.shape[1], pixels.shape[0]
    return left, top, width, height


def colour_distance(pixels: Pixels, colour: Colour) -> Pixels:
    """Return how far each pixel is from a colour, in levels of the channel farthest off."""
    # The fourth element keeps OpenCV from reading a 3-element array as a picture.
    return largest_channel(cv2.absdiff(pixels, np.array((*colour, 0), np.float64)))


def largest_channel(pixels: MatLike) -> Pixels:
    """Return the largest of the three channels of each pixel, shape (height, width)."""
    # numpy's max over an axis of three is tens of times slower.
    red, green, blue = cv2.split(pixels)
    return np.asarray(cv2.max(cv2.max(red, green), blue), np.uint8)


def shrink(pixels: Pixels, longest_px: int) -> Pixels:
    """Shrink a picture so that its longest side is at most `longest_px`."""
    height, width = pixels.shape[:2]
    scale = longest_px / max(height, width)
    if scale >= 1:
        return np.ascontiguousarray(pixels)
    return resample(pixels, scale)


def fit_square(image: LoadedImage, side_px: int) -> Pixels:
    """Return the picture centred on a square of its backdrop: uint8 RGB (side, side, 3).

    The aspect is kept and the longest side fills the square less a margin of 1/32.
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
