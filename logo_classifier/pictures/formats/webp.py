"""WebP: the sides before anything is opened, the first frame of an animation, and its pixels.

Pillow decodes a WebP into four copies of its pixels; OpenCV, which decodes with libwebp too, into
one. It would take an animation through three, so the first frame is passed on as a still picture.
Source: RFC 9649, sections 2.5 to 2.7 (VP8, VP8L, VP8X, ANMF).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

import cv2
import numpy as np
from PIL import Image

from logo_classifier.pictures.formats.stream import Layout, Piece

_HEAD_BYTES, _CHUNK_HEAD_BYTES, _FRAME_HEAD_BYTES = 12, 8, 16
_ALPHA_FLAG = 0x10
_MOST_CHUNKS = 1000
_PIXELS = (b"ALPH", b"VP8 ", b"VP8L")


def is_webp(data: bytes) -> bool:
    """Return whether the data begins as a WebP."""
    return data[:4] == b"RIFF" and data[8:12] == b"WEBP"


def webp_sides(data: bytes) -> tuple[int, int] | None:
    """Return the width and height that a WebP declares, or None if it is damaged."""
    kind = data[12:16]
    if kind == b"VP8X" and len(data) >= 30:
        return 1 + _whole(data, 24, 3), 1 + _whole(data, 27, 3)
    if kind == b"VP8L" and len(data) >= 25:
        bits = _whole(data, 21, 4)
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 " and len(data) >= 30:
        return _whole(data, 26, 2) & 0x3FFF, _whole(data, 28, 2) & 0x3FFF
    return None


def webp_layout(data: bytes) -> Layout:
    """Return the layout of a WebP: the first frame of an animation as a still picture."""
    canvas = webp_sides(data)
    for name, start, stop in _chunks(data, _HEAD_BYTES, len(data)):
        if name == b"ANMF" and canvas and stop - start > _FRAME_HEAD_BYTES:
            return _first_frame(data, start, stop, canvas)
    return Layout((slice(0, len(data)),))


def _first_frame(data: bytes, start: int, stop: int, canvas: tuple[int, int]) -> Layout:
    left, top = 2 * _whole(data, start, 3), 2 * _whole(data, start + 3, 3)
    width, height = 1 + _whole(data, start + 6, 3), 1 + _whole(data, start + 9, 3)
    box = (left, top, left + width, top + height)
    if box[2] > canvas[0] or box[3] > canvas[1]:
        return Layout(())  # as damaged as a file without a byte
    pixels = [
        slice(place - _CHUNK_HEAD_BYTES, end + (end - place) % 2)
        for name, place, end in _chunks(data, start + _FRAME_HEAD_BYTES, stop)
        if name in _PIXELS
    ]
    sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    head = b"WEBPVP8X" + struct.pack("<II", 10, _ALPHA_FLAG) + sides
    length = len(head) + sum(part.stop - part.start for part in pixels)
    pieces: list[Piece] = [b"RIFF" + struct.pack("<I", length) + head, *pixels]
    whole = box == (0, 0, *canvas)
    return Layout(tuple(pieces), frame=None if whole else box, canvas=canvas)


def decode_webp(data: bytes) -> Image.Image:
    """Return the pixels of a still WebP as RGB or RGBA; raise ValueError for damaged data."""
    try:
        decoded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error as error:
        raise ValueError("the WebP does not decode") from error
    if decoded is None or decoded.ndim != 3:
        raise ValueError("the WebP does not decode")
    order = cv2.COLOR_BGRA2RGBA if decoded.shape[2] == 4 else cv2.COLOR_BGR2RGB
    cv2.cvtColor(decoded, order, dst=decoded)
    return Image.fromarray(np.asarray(decoded, np.uint8))


def _chunks(data: bytes, place: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield the name, the start and the stop of the data of each chunk."""
    for _ in range(_MOST_CHUNKS):
        start = place + _CHUNK_HEAD_BYTES
        if start > end:
            return
        stop = start + _whole(data, place + 4, 4)
        yield data[place : place + 4], start, min(stop, end)
        place = stop + stop % 2


def _whole(data: bytes, place: int, size: int) -> int:
    return int.from_bytes(data[place : place + size], "little")
