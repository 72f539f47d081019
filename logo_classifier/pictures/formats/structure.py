"""Limit the number of parts of a file, against denial of service by crafted files.

Decoders read the segments of a JPEG, the chunks of a PNG and the blocks of a GIF one by one, some
in Python. libjpeg processes the whole picture once per scan. A limit on the size of the file
bounds none of this.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from logo_classifier.errors import InvalidImage, UnsupportedFormat
from logo_classifier.pictures.formats.jpeg import JPEG, JpegWalk
from logo_classifier.pictures.formats.png import PNG, PngWalk, png_chunks
from logo_classifier.pictures.formats.stream import Layout

MOST = {
    "segments": 5_000,
    "scans": 30,
    "chunks": 20_000,
    "blocks": 5_000,
}
"""Largest number of each kind of part, far above what encoders write: up to 20 scans, and 12,500
chunks for a PNG of 50 MB in chunks of 4 KB."""

_GIF = (b"GIF87a", b"GIF89a")
_GIF_HEADER_BYTES = 13
_GIF_EXTENSION, _GIF_PICTURE = 0x21, 0x2C


def check_parts(data: bytes) -> Layout:
    """Return the parts of a file that a decoder needs; the whole file if it is no PNG or JPEG.

    Raises InvalidImage if a PNG, JPEG or GIF has more parts of a kind than `MOST` allows, and
    UnsupportedFormat for a JPEG with arithmetic coding.
    """
    if data.startswith(PNG):
        png = PngWalk(data)
        _count(_png_parts(png))
        return png.layout()
    if data.startswith(JPEG):
        jpeg = JpegWalk(data)
        _count(_jpeg_parts(jpeg))
        if jpeg.has_arithmetic_coding:
            raise UnsupportedFormat("this is a JPEG with arithmetic coding; save it as PNG")
        return jpeg.layout()
    if data.startswith(_GIF):
        _count(_gif_blocks(data))
    return Layout((slice(0, len(data)),))


def _count(parts: Iterator[str]) -> None:
    """Run the walk; raise InvalidImage at the first part too many of its kind."""
    counts: Counter[str] = Counter()
    for part in parts:
        counts[part] += 1
        if counts[part] > MOST[part]:
            raise InvalidImage(f"the picture has more than the {MOST[part]} {part} allowed")


def _png_parts(png: PngWalk) -> Iterator[str]:
    for chunk in png_chunks(png.png):
        png.take(chunk)
        yield "chunks"


def _jpeg_parts(jpeg: JpegWalk) -> Iterator[str]:
    yield from jpeg.segments()
    if jpeg.count_scan_bytes() > MOST["scans"]:
        yield from jpeg.scans()


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
