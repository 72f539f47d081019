"""Walk the chunks of a PNG once, and keep those that decoding needs.

Browsers read a PNG so: ancillary chunks that are damaged or not needed are ignored, whatever their
size, and nothing follows IEND. The first frame of an animation is what counts, even if the default
picture is not part of the animation. Source: PNG specification (W3C, third edition), sections 5.3,
11.2.3 (PLTE), 11.3.1.1 (tRNS) and 11.3.6 (acTL, fcTL, fdAT).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from logo_classifier.pictures.formats.orientation import UPRIGHT, read_orientation
from logo_classifier.pictures.formats.stream import Layout, Piece, joined

PNG = b"\x89PNG\r\n\x1a\n"

_HEAD_BYTES, _CHECKSUM_BYTES, _SEQUENCE_BYTES = 8, 4, 4
_EXIF_BYTES = 64 * 1024
"""The orientation stands in the first entries."""

_HEADER_DATA_BYTES, _FRAME_DATA_BYTES = 13, 26
_PALETTE, _RGB, _GREY = 3, 2, 0
_TRANSPARENT_BYTES = {_GREY: (2, 2), _RGB: (6, 6), _PALETTE: (1, 256)}
"""Least and most bytes of tRNS by colour type; other types have none."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A chunk whose data is `png[start:stop]`; `whole` is false if the file ends within it."""

    name: bytes
    start: int
    stop: int
    whole: bool

    @property
    def span(self) -> slice:
        """Return the whole chunk, with its length and its checksum."""
        return slice(self.start - _HEAD_BYTES, self.stop + (_CHECKSUM_BYTES if self.whole else 0))

    @property
    def checksummed(self) -> slice:
        """Return what the checksum is of: the name and the data."""
        return slice(self.start - 4, self.stop)

    def is_sound(self, png: bytes) -> bool:
        """Return whether the chunk is whole and its checksum right."""
        return self.whole and is_intact(png, [self.checksummed])


def is_intact(png: bytes, checksummed: Sequence[slice]) -> bool:
    """Return whether the CRC-32 that follows each of the slices is right."""
    view = memoryview(png)
    return all(
        zlib.crc32(view[part]) == int.from_bytes(view[part.stop : part.stop + _CHECKSUM_BYTES])
        for part in checksummed
    )


def png_chunks(png: bytes) -> Iterator[Chunk]:
    """Yield the chunks up to IEND, or up to the one within which the file ends."""
    place = len(PNG)
    while place + _HEAD_BYTES <= len(png):
        start = place + _HEAD_BYTES
        stop = start + int.from_bytes(png[place : place + 4])
        place = stop + _CHECKSUM_BYTES
        name = png[start - 4 : start]
        yield Chunk(name, start, min(stop, len(png)), place <= len(png))
        if name == b"IEND":
            return


@dataclass(slots=True)
class PngWalk:
    """The needed chunks of one PNG, taken in the order of the file."""

    png: bytes
    header: Chunk | None = None
    before: list[slice] = field(default_factory=list)
    pixels: list[Chunk] = field(default_factory=list)
    orientation: int | None = None
    frames: list[Chunk] = field(default_factory=list)
    frame_pixels: list[Chunk] = field(default_factory=list)
    _animated: bool = False
    _pixels_over: bool = False

    def take(self, chunk: Chunk) -> None:
        """Keep a chunk if decoding needs it."""
        name = chunk.name
        if name == b"IDAT":
            if not self._pixels_over:
                self.pixels.append(chunk)
            return
        self._pixels_over = bool(self.pixels)
        if name in (b"fcTL", b"fdAT"):
            self._take_frame(chunk)
        elif name == b"eXIf":
            self._take_exif(chunk)
        elif not self.pixels:
            self._take_before(chunk)

    def _take_before(self, chunk: Chunk) -> None:
        name = chunk.name
        if name == b"IHDR" and self.header is None:
            self.header = chunk
            self.before.append(chunk.span)
        elif name == b"PLTE" or (name == b"tRNS" and self._is_fit_transparency(chunk)):
            self.before.append(chunk.span)
        elif name == b"acTL":
            self._animated = chunk.is_sound(self.png) and chunk.stop - chunk.start == 8

    def _is_fit_transparency(self, chunk: Chunk) -> bool:
        least, most = _TRANSPARENT_BYTES.get(self._colour_type, (1, 0))
        return least <= chunk.stop - chunk.start <= most and chunk.is_sound(self.png)

    @property
    def _colour_type(self) -> int:
        header = self.header
        if header is None or header.stop - header.start != _HEADER_DATA_BYTES:
            return -1
        return self.png[header.start + 9]

    def _take_exif(self, chunk: Chunk) -> None:
        if self.orientation is None and chunk.is_sound(self.png):
            self.orientation = read_orientation(
                self.png[chunk.start : min(chunk.stop, chunk.start + _EXIF_BYTES)]
            )

    def _take_frame(self, chunk: Chunk) -> None:
        """Keep the first frame of the animation; its pixels are in fdAT if it comes after IDAT."""
        if chunk.name == b"fcTL":
            self.frames.append(chunk) if len(self.frames) < 2 else None
        elif len(self.frames) == 1 and self.pixels and self.frames[0].start > self.pixels[0].start:
            self.frame_pixels.append(chunk)

    def layout(self) -> Layout:
        """Return what a decoder gets: the first frame if the default picture is hidden."""
        hidden = self._hidden_frame()
        if hidden:
            return hidden
        spans = [slice(0, len(PNG)), *self.before]
        spans += [chunk.span for chunk in self.pixels if chunk.whole]
        cut = [_as_pixels(chunk, 0) for chunk in self.pixels if not chunk.whole]
        rest = [piece for pieces in cut for piece in pieces]
        sums = tuple(chunk.checksummed for chunk in self.pixels if chunk.whole)
        end = (_chunk(b"IEND"),) if self.pixels else ()
        pieces = (*joined(spans), *rest, *end)
        return Layout(pieces, sums, orientation=self.orientation or UPRIGHT)

    def _hidden_frame(self) -> Layout | None:
        """Return the layout of an animation whose default picture is no frame of it."""
        png, header = self.png, self.header
        if not (self._animated and self.frame_pixels and header and header.is_sound(png)):
            return None
        if header.stop - header.start != _HEADER_DATA_BYTES:
            return None
        control = self.frames[0]
        if control.stop - control.start != _FRAME_DATA_BYTES or not control.is_sound(png):
            return None
        width, height, left, top = struct.unpack_from(">4I", png, control.start + 4)
        canvas = struct.unpack_from(">II", png, header.start)
        if not (width and height and left + width <= canvas[0] and top + height <= canvas[1]):
            return None
        kept = png[header.start + 8 : header.stop]
        pieces: list[Piece] = [PNG, _chunk(b"IHDR", struct.pack(">II", width, height) + kept)]
        pieces += self.before[1:]
        for chunk in self.frame_pixels:
            pieces += _as_pixels(chunk, _SEQUENCE_BYTES)
        sums = tuple(chunk.checksummed for chunk in self.frame_pixels if chunk.whole)
        box = (left, top, left + width, top + height)
        frame = None if box == (0, 0, *canvas) else box
        orientation = self.orientation or UPRIGHT
        return Layout((*pieces, _chunk(b"IEND")), sums, frame, canvas, orientation=orientation)


def _as_pixels(chunk: Chunk, skipped_bytes: int) -> list[Piece]:
    """Return the data of a chunk as IDAT, as far as the file goes."""
    data = slice(min(chunk.start + skipped_bytes, chunk.stop), chunk.stop)
    # Pillow does not look at the checksum of pixel data: `is_intact` does.
    return [struct.pack(">I4s", data.stop - data.start, b"IDAT"), data, bytes(_CHECKSUM_BYTES)]


def _chunk(name: bytes, data: bytes = b"") -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
