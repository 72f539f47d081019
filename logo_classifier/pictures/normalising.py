"""Normalise a decoded picture: alpha compositing over a chosen backdrop, and trimmed margins.

Serving and training both call `normalise`, so the network is trained on the pictures that it
will receive.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from logo_classifier.pictures.pixels import Colour, Pixels, colour_distance

WHITE: Colour = (255, 255, 255)
BACKDROPS: tuple[Colour, ...] = (WHITE, (34, 34, 34), (128, 128, 128))
"""Candidate colours for the backdrop of a transparent picture, in order of preference."""

VANISHING_SHARE = 0.05
"""Largest share of the ink's rim that may be invisible on a backdrop."""

_VANISHING_DISTANCE = 40
_MARGIN_TOLERANCE = 20

_FAINT_TOLERANCE = 6
"""Largest difference that is taken for noise of a blank picture, as JPEG and scanners leave it."""

_LEAST_INK_PIXELS = 4


@dataclass(frozen=True, slots=True)
class Normalised:
    """A picture composited over its backdrop and trimmed.

    `pixels` is uint8 RGB (height, width, 3). `rgba` is the same area before it was composited over
    `backdrop`. `surround` is the colour of the trimmed margins, from which `ink_px` pixels differ.
    `rim`, shape (n, 3), holds the colours of the ink next to transparency.
    """

    pixels: Pixels
    rgba: Pixels
    backdrop: Colour
    surround: Colour
    rim: NDArray[np.int16]
    ink_px: int


def normalise(rgba: Pixels) -> Normalised:
    """Choose a backdrop for a decoded picture, uint8 RGBA (height, width, 4), and trim it."""
    alpha = _alpha(rgba)
    rim = _rim(rgba, alpha)
    backdrop = choose_backdrop(rim)
    pixels = _composite(rgba, alpha, backdrop)
    surround = margin_colour(pixels, backdrop)
    content = content_mask(pixels, surround)
    left, top, width, height = content_box(content)
    box = np.s_[top : top + height, left : left + width]
    ink_px = cv2.countNonZero(content)
    return Normalised(pixels[box], rgba[box], backdrop, surround, rim, ink_px)


def shows_ink(normalised: Normalised) -> bool:
    """Return whether there is anything to be seen.

    Ink is at least 4 pixels, of at most 768 a side, that differ from the surround by more than
    6 of 255 levels in a channel once each is averaged with its neighbours, or by more than 20
    without. So a faint logo is ink, and a speck or the noise of a blank picture is not.
    """
    if normalised.ink_px >= _LEAST_INK_PIXELS:
        return True
    smooth = cv2.blur(normalised.pixels, (3, 3))
    faint = colour_distance(np.asarray(smooth, np.uint8), normalised.surround) > _FAINT_TOLERANCE
    return int(np.count_nonzero(faint)) >= _LEAST_INK_PIXELS


def choose_backdrop(rim: NDArray[np.int16]) -> Colour:
    """Return the first of `BACKDROPS` on which the rim of the ink stays visible.

    `rim` is what `ink_rim` returns. Only ink next to transparency matters: a white wordmark on
    transparency can vanish, a white letter inside a coloured tile cannot.
    """
    if not len(rim):
        return WHITE
    shares = []
    for colour in BACKDROPS:
        shares.append(vanishing_share(rim, colour))
        if shares[-1] <= VANISHING_SHARE:
            return colour
    return BACKDROPS[int(np.argmin(shares))]


def ink_rim(rgba: Pixels) -> NDArray[np.int16]:
    """Return the colours, shape (n, 3), of the ink next to transparency.

    The edge of the picture counts as transparent; an opaque picture has no rim. Ink is every pixel
    with more than half of the full opacity, or of the largest opacity in a faint picture.
    """
    return _rim(rgba, _alpha(rgba))


def _alpha(rgba: Pixels) -> Pixels:
    return np.asarray(cv2.extractChannel(rgba, 3), np.uint8)


def _rim(rgba: Pixels, alpha: Pixels) -> NDArray[np.int16]:
    if int(alpha.min()) == 255:
        return np.empty((0, 3), np.int16)
    limit = min(127, int(alpha.max()) // 2)
    ink = cv2.threshold(alpha, limit, 1, cv2.THRESH_BINARY)[1]
    inner = cv2.erode(ink, np.ones((3, 3), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=0)
    at = np.flatnonzero(cv2.subtract(ink, inner).view(np.bool_))
    rim: NDArray[np.int16] = rgba.reshape(-1, 4)[at, :3].astype(np.int16)
    return rim


def vanishing_share(rim: NDArray[np.int16], colour: Colour) -> float:
    """Return the share (0-1) of the rim that is too close to a colour to be visible on it."""
    red, green, blue = np.abs(rim - np.array(colour, np.int16)).T
    distance = np.maximum(np.maximum(red, green), blue)
    return float((distance < _VANISHING_DISTANCE).mean())


def composite(rgba: Pixels, backdrop: Colour) -> Pixels:
    """Return an RGBA picture composited over one colour, as uint8 RGB (alpha compositing)."""
    return _composite(rgba, _alpha(rgba), backdrop)


def _composite(rgba: Pixels, alpha: Pixels, backdrop: Colour) -> Pixels:
    if int(alpha.min()) == 255:
        return np.asarray(cv2.cvtColor(rgba, cv2.COLOR_RGBA2RGB), np.uint8)
    # numpy takes forty times as long to repeat a colour.
    laid = cv2.merge([np.full(alpha.shape, level, np.uint8) for level in (*backdrop, 255)])
    cv2.copyTo(rgba, alpha, laid)  # all that is not wholly transparent
    at = np.flatnonzero(cv2.inRange(alpha, (1,), (254,)).view(np.bool_))
    if len(at):
        # Four bytes at a time: gathering rows of three is far slower.
        whole = laid.view(np.uint32).ravel()
        whole[at] = _blend(whole[at].view(np.uint8).reshape(-1, 4), backdrop)
    return np.asarray(cv2.cvtColor(laid, cv2.COLOR_RGBA2RGB), np.uint8)


def _blend(rgba: Pixels, backdrop: Colour) -> NDArray[np.uint32]:
    """Return translucent pixels (n, 4) laid over a colour, as whole pixels of four bytes (n,)."""
    opacity = rgba[:, 3:].astype(np.uint16)
    mixed: NDArray[np.uint16] = rgba * opacity
    mixed += np.array((*backdrop, 255), np.uint16) * (255 - opacity) + np.uint16(128)
    # Divided by 255 and rounded, exactly, without a division (Blinn, 1995).
    mixed = (mixed + (mixed >> np.uint16(8))) >> np.uint16(8)
    return mixed.astype(np.uint8).view(np.uint32).ravel()


def margin_colour(pixels: Pixels, default: Colour) -> Colour:
    """Return the colour that the four corners share, or the default if they differ."""
    # For twelve numbers the cost of each numpy call is too high.
    corners = pixels[[0, 0, -1, -1], [0, -1, 0, -1]].tolist()
    channels = [sorted(levels) for levels in zip(*corners, strict=True)]
    if any(levels[-1] - levels[0] > _MARGIN_TOLERANCE for levels in channels):
        return default
    red, green, blue = ((levels[1] + levels[2]) // 2 for levels in channels)
    return red, green, blue


def content_mask(pixels: Pixels, surround: Colour) -> Pixels:
    """Return a mask (height, width), not 0 where the picture differs from the surround."""
    low, high = (tuple(level + sign * _MARGIN_TOLERANCE for level in surround) for sign in (-1, 1))
    return np.asarray(cv2.bitwise_not(cv2.inRange(pixels, low, high)), np.uint8)


def content_box(content: Pixels) -> tuple[int, int, int, int]:
    """Return the box (left, top, width, height) of a `content_mask` in pixels.

    The box of a picture without any difference is the whole picture.
    """
    left, top, width, height = cv2.boundingRect(content)
    if width == 0 or height == 0:
        return 0, 0, content.shape[1], content.shape[0]
    return left, top, width, height
