"""Bound the parts of a file before a decoder goes through them one by one.

Pillow walks the segments of a JPEG, the chunks of a PNG and the blocks of a GIF in Python and keeps
many of them, and libjpeg goes over the whole picture for each scan. None of that is bounded by the
size of a file: a megabyte can hold tens of thousands of either.
"""

from __future__ import annotations

import re
import struct

from app.classification.checksums import SIGNATURE as PNG
from app.classification.errors import InvalidImage

MOST_PARTS = 20_000
"""Largest number of segments, chunks or blocks: a PNG of 50 MB in chunks of 4 KB has 12,500."""

MOST_SCANS = 30
"""Largest number of scans of a JPEG; encoders write up to about twenty."""

_JPEG = b"\xff\xd8\xff"
_GIF = (b"GIF87a", b"GIF89a")

_START_OF_SCAN, _END_OF_IMAGE, _FILL = 0xDA, 0xD9, 0xFF
_BARE_MARKERS = {0x00, 0x01, *range(0xD0, 0xD9), *range(0xF0, 0xFE)}
"""JPEG markers without a length behind them (ITU-T T.81, table B.1), and the stuffed zero."""

_MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
"""A marker between coded data; FF 00 and restarts belong to the data."""

_CHUNK_FRAME_BYTES = 12
_GIF_HEADER_BYTES = 13
_GIF_EXTENSION, _GIF_PICTURE = 0x21, 0x2C


def check_parts(data: bytes) -> None:
    """Raise InvalidImage where a PNG, JPEG or GIF has more parts than a decoder should walk."""
    if data.startswith(_JPEG):
        _bound("segments", _jpeg_segments(data), MOST_PARTS)
        # Counting the bytes is fast, and of most pictures says enough.
        if data.count(bytes((0xFF, _START_OF_SCAN))) > MOST_SCANS:
            _bound("scans", _jpeg_scans(data), MOST_SCANS)
    elif data.startswith(PNG):
        _bound("chunks", _png_chunks(data), MOST_PARTS)
    elif data.startswith(_GIF):
        _bound("blocks", _gif_blocks(data), MOST_PARTS)


def _bound(parts: str, count: int, most: int) -> None:
    if count > most:
        raise InvalidImage(f"the picture has more than the {most} {parts} allowed")


def _jpeg_segments(jpeg: bytes) -> int:
    """Count what stands before the first scan, every stray byte too; stop above the bound."""
    place, count = 2, 0
    while place + 4 <= len(jpeg) and count <= MOST_PARTS:
        marker = jpeg[place + 1]
        if jpeg[place] != _FILL or marker == _FILL:
            place += 1
        elif marker == _START_OF_SCAN:
            break
        elif marker in _BARE_MARKERS:
            place += 2
        else:
            place += 2 + _length(jpeg, place + 2)
        count += 1
    return count


def _jpeg_scans(jpeg: bytes) -> int:
    """Count the scans of the first picture; stop above the bound, or where markers never end."""
    place, scans = 2, 0
    for _ in range(MOST_PARTS):
        found = _MARKER.search(jpeg, place)
        if not found or scans > MOST_SCANS:
            return scans
        marker, place = jpeg[found.end() - 1], found.end()
        if marker == _END_OF_IMAGE:
            return scans
        scans += marker == _START_OF_SCAN
        if marker not in _BARE_MARKERS:
            place += _length(jpeg, place)
    return MOST_SCANS + 1


def _length(jpeg: bytes, place: int) -> int:
    """Return the length of a segment, its own two bytes included."""
    return max(2, int.from_bytes(jpeg[place : place + 2]))


def _png_chunks(png: bytes) -> int:
    place, count = len(PNG), 0
    while place + _CHUNK_FRAME_BYTES <= len(png) and count <= MOST_PARTS:
        place += _CHUNK_FRAME_BYTES + int(struct.unpack_from(">I", png, place)[0])
        count += 1
    return count


def _gif_blocks(gif: bytes) -> int:
    """Count the blocks before the first picture, every stray byte too; stop above the bound."""
    place, count = _GIF_HEADER_BYTES, 0
    if len(gif) > 10 and gif[10] & 0x80:
        place += 3 << (gif[10] & 7) + 1
    while place < len(gif) and gif[place] != _GIF_PICTURE and count <= MOST_PARTS:
        extension = gif[place] == _GIF_EXTENSION
        place += 2 if extension else 1
        while extension and place < len(gif) and gif[place] and count <= MOST_PARTS:
            place += 1 + gif[place]
            count += 1
        place += extension
        count += 1
    return count
