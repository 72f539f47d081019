"""Limit the number of parts of a file, against denial of service by crafted files.

Pillow parses the segments of a JPEG, the chunks of a PNG and the blocks of a GIF in Python. It
keeps many of them, and concatenates some in quadratic time. libjpeg processes the whole picture
once per scan. A limit on the size of the file bounds none of this.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence

from logo_classifier.errors import InvalidImage

MOST = {
    "segments": 5_000,
    "segments of Exif": 32,
    "scans": 30,
    "chunks": 20_000,
    "chunks of metadata": 200,
    "blocks": 5_000,
}
"""Largest number of each kind of part, far above what encoders write: one Exif segment, up to 20
scans, a dozen chunks of metadata, and 12,500 chunks for a PNG of 50 MB in chunks of 4 KB."""

PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
_GIF = (b"GIF87a", b"GIF89a")

_SCAN, _END_OF_IMAGE, _FILL, _APP1 = 0xDA, 0xD9, 0xFF, 0xE1
_BARE_MARKERS = {0x00, 0x01, *range(0xD0, 0xD9), *range(0xF0, 0xFE)}
"""JPEG markers that no length follows (ITU-T T.81, table B.1), and the stuffed zero."""

_MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
"""A marker between entropy-coded data; FF 00 and restart markers belong to the data."""

_EXIF = b"Exif\0"
_CHUNK_HEADER_BYTES, _CHECKSUM_BYTES = 8, 4
_PIXELS = b"IDAT"
_PIXEL_CHUNKS = (b"IDAT", b"fdAT", b"fcTL")
_GIF_HEADER_BYTES = 13
_GIF_EXTENSION, _GIF_PICTURE = 0x21, 0x2C


def check_parts(data: bytes) -> tuple[slice, ...]:
    """Return the slices of a PNG's pixel data chunks, including their names; () for other formats.

    Raises InvalidImage if a PNG, JPEG or GIF has more parts of a kind than `MOST` allows.
    """
    counts: Counter[str] = Counter()
    pixel_chunks: list[slice] = []
    for part in _parts(data, pixel_chunks):
        counts[part] += 1
        if counts[part] > MOST[part]:
            raise InvalidImage(f"the picture has more than the {MOST[part]} {part} allowed")
    return tuple(pixel_chunks)


def pixel_data_is_intact(png: bytes, pixel_chunks: Sequence[slice]) -> bool:
    """Return whether the CRC-32 of every pixel data chunk is right; Pillow does not check it.

    `pixel_chunks` is what `check_parts` returned. The decoder refuses chunks beyond the end of the
    data. Source: PNG specification (W3C, third edition), section 5.3.
    """
    view = memoryview(png)
    return all(
        zlib.crc32(view[chunk]) == int.from_bytes(view[chunk.stop : chunk.stop + _CHECKSUM_BYTES])
        for chunk in pixel_chunks
    )


def _parts(data: bytes, pixel_chunks: list[slice]) -> Iterator[str]:
    """Yield the kind of each part of a JPEG, PNG or GIF; nothing for other formats."""
    if data.startswith(_JPEG):
        yield from _jpeg_segments(data)
        # Counting bytes is fast, and is enough for most pictures.
        if data.count(bytes((_FILL, _SCAN))) > MOST["scans"]:
            yield from _jpeg_scans(data)
    elif data.startswith(PNG):
        yield from _png_chunks(data, pixel_chunks)
    elif data.startswith(_GIF):
        yield from _gif_blocks(data)


def _jpeg_segments(jpeg: bytes) -> Iterator[str]:
    """Yield the segments before the first scan; a stray byte counts as one."""
    place = 2
    while place + 4 <= len(jpeg):
        marker = jpeg[place + 1]
        if jpeg[place] != _FILL or marker == _FILL:
            place += 1
        elif marker == _SCAN:
            return
        elif marker in _BARE_MARKERS:
            place += 2
        else:
            if marker == _APP1 and jpeg.startswith(_EXIF, place + 4):
                yield "segments of Exif"
            place += 2 + _length(jpeg, place + 2)
        yield "segments"


def _jpeg_scans(jpeg: bytes) -> Iterator[str]:
    """Yield the scans of the first picture and the segments between them."""
    place = 2
    while found := _MARKER.search(jpeg, place):
        marker, place = jpeg[found.end() - 1], found.end()
        if marker == _END_OF_IMAGE:
            return
        if marker not in _BARE_MARKERS:
            place += _length(jpeg, place)
        yield "scans" if marker == _SCAN else "segments"


def _length(jpeg: bytes, place: int) -> int:
    """Return the length of a segment, including the two bytes of the length itself."""
    return max(2, int.from_bytes(jpeg[place : place + 2]))


def _png_chunks(png: bytes, pixel_chunks: list[slice]) -> Iterator[str]:
    place = len(PNG)
    while place + _CHUNK_HEADER_BYTES + _CHECKSUM_BYTES <= len(png):
        yield "chunks" if png.startswith(_PIXEL_CHUNKS, place + 4) else "chunks of metadata"
        end = place + _CHUNK_HEADER_BYTES + int.from_bytes(png[place : place + 4])
        if png.startswith(_PIXELS, place + 4) and end + _CHECKSUM_BYTES <= len(png):
            pixel_chunks.append(slice(place + 4, end))
        place = end + _CHECKSUM_BYTES


def _gif_blocks(gif: bytes) -> Iterator[str]:
    """Yield the blocks before the first picture; a stray byte counts as one."""
    place = _GIF_HEADER_BYTES
    if len(gif) > 10 and gif[10] & 0x80:
        place += 3 << (gif[10] & 7) + 1
    while place < len(gif) and gif[place] != _GIF_PICTURE:
        extension = gif[place] == _GIF_EXTENSION
        place += 2 if extension else 1
        while extension and place < len(gif) and gif[place]:
            place += 1 + gif[place]
            yield "blocks"
        place += extension
        yield "blocks"
