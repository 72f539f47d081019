"""Walk the segments of a JPEG once, and leave out those that decoding does not need.

Pillow keeps every application segment and comment, and parses Photoshop's and Exif in Python.
Decoding needs JFIF and Adobe's colour transform alone, and the orientation is read here.
Source: ITU-T T.81, annex B; T.872, section 6.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from logo_classifier.pictures.formats.orientation import UPRIGHT, read_orientation
from logo_classifier.pictures.formats.stream import Layout, joined

JPEG = b"\xff\xd8\xff"
END = b"\xff\xd9"

_SCAN, _END_OF_IMAGE, _FILL, _COMMENT, _APP0 = 0xDA, 0xD9, 0xFF, 0xFE, 0xE0
_APPLICATION = range(0xE0, 0xF0)
_NEEDED = {0xE0: b"JFIF", 0xEE: b"Adobe"}
"""The application segments that decoding needs, with how they begin."""

_APP1, _EXIF = 0xE1, b"Exif\0"

_ARITHMETIC = {*range(0xC9, 0xD0)}
"""The markers of arithmetic coding, which no browser shows and which costs many times Huffman's."""

_BARE_MARKERS = {0x00, 0x01, *range(0xD0, 0xD9), *range(0xF0, 0xFE)}
"""JPEG markers that no length follows (ITU-T T.81, table B.1), and the stuffed zero."""

_MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
"""A marker between entropy-coded data; FF 00 and restart markers belong to the data."""


@dataclass(slots=True)
class JpegWalk:
    """The parts of one JPEG; `segments` must be exhausted before `layout`."""

    jpeg: bytes
    first_scan: int = 0
    has_arithmetic_coding: bool = False
    orientation: int | None = None
    _dropped: list[slice] = field(default_factory=list)

    def segments(self) -> Iterator[str]:
        """Yield the kind of each segment before the first scan; a stray byte counts as one."""
        jpeg, place = self.jpeg, 2
        while place + 4 <= len(jpeg):
            marker = jpeg[place + 1]
            if jpeg[place] != _FILL or marker == _FILL:
                self._dropped.append(slice(place, place + 1))
                place += 1
            elif marker == _SCAN:
                self.first_scan = place
                return
            elif marker in _BARE_MARKERS:
                place += 2
            else:
                self.has_arithmetic_coding |= marker in _ARITHMETIC
                end = place + 2 + _length(jpeg, place + 2)
                if self._is_needless(marker, place + 4):
                    self._dropped.append(slice(place, min(end, len(jpeg))))
                if self.orientation is None and self._is_exif(marker, place + 4):
                    self.orientation = read_orientation(jpeg[place + 4 : end])
                place = end
            yield "segments"

    def _is_needless(self, marker: int, content: int) -> bool:
        if marker in _NEEDED:
            return not self.jpeg.startswith(_NEEDED[marker], content)
        return marker in _APPLICATION or marker == _COMMENT

    def _is_exif(self, marker: int, content: int) -> bool:
        return marker == _APP1 and self.jpeg.startswith(_EXIF, content)

    def scans(self) -> Iterator[str]:
        """Yield the scans of the first picture and the segments between them."""
        # Counting bytes is fast, and is enough for most pictures.
        jpeg, place = self.jpeg, self.first_scan or 2
        while found := _MARKER.search(jpeg, place):
            marker, place = jpeg[found.end() - 1], found.end()
            if marker == _END_OF_IMAGE:
                return
            if marker not in _BARE_MARKERS:
                place += _length(jpeg, place)
            yield "scans" if marker == _SCAN else "segments"

    def count_scan_bytes(self) -> int:
        """Return how often the scan marker's bytes occur, an upper bound of the scans."""
        return self.jpeg.count(bytes((_FILL, _SCAN)))

    def layout(self) -> Layout:
        """Return what a decoder gets."""
        ended = not self.first_scan or self.jpeg.rfind(END, self.first_scan) >= 0
        # A file may be cut within its end marker.
        cut = 1 if not ended and self.jpeg.endswith(END[:1]) else 0
        starts = [0, *(part.stop for part in self._dropped)]
        stops = [*(part.start for part in self._dropped), len(self.jpeg) - cut]
        kept = [slice(*pair) for pair in zip(starts, stops, strict=True) if pair[0] < pair[1]]
        pieces = (*joined(kept), *(() if ended else (END,)))
        return Layout(pieces, ended=ended, orientation=self.orientation or UPRIGHT)


def _length(jpeg: bytes, place: int) -> int:
    """Return the length of a segment, including the two bytes of the length itself."""
    return max(2, int.from_bytes(jpeg[place : place + 2]))
