"""Bound the directories of a TIFF, which Pillow reads in whole before anything is decoded.

Each entry may name any bytes of the file as its own, so a small file may ask for any amount of
memory. Source: Adobe, "TIFF Revision 6.0", section 2; section 15 (tiles).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from logo_classifier.errors import BadDimensions, InvalidImage
from logo_classifier.pictures.limits import Limits

_BYTE_ORDERS = {b"II*\0": "<", b"MM\0*": ">"}
_BIG_TIFF = (b"II+\0", b"MM\0+")
_ENTRY_BYTES, _MOST_ENTRIES, _DEEPEST = 12, 500, 3
_TYPE_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_TILE_SIDES = (322, 323)
_DIRECTORIES = (0x8769, 0x8825, 0xA005)
"""The directories of EXIF, GPS and interoperability, which Pillow reads too."""

_TILE_STEP_PX = 256
"""Tiles are larger than the picture by less than a tile."""


@dataclass(frozen=True, slots=True)
class _Entry:
    tag: int
    size_bytes: int
    value: int


def check_directories(data: bytes, limits: Limits) -> None:
    """Raise InvalidImage for directories that ask for more bytes than the file has.

    Raises BadDimensions for tiles that are larger than any allowed picture.
    """
    if data.startswith(_BIG_TIFF):
        raise InvalidImage("a TIFF of 64-bit offsets is not accepted; save it as PNG")
    order = _BYTE_ORDERS.get(data[:4])
    if order is None or len(data) < 8:
        return
    asked_bytes = 0
    (start,) = struct.unpack_from(order + "I", data, 4)
    for entry in _entries(data, order, start, 0):
        asked_bytes += entry.size_bytes
        if asked_bytes > len(data):
            raise InvalidImage("the directories of the TIFF ask for more bytes than the file has")
        if entry.tag in _TILE_SIDES and entry.value > limits.max_side_px + _TILE_STEP_PX:
            raise BadDimensions(
                f"the tiles of the picture are {entry.value} px wide or high; "
                f"each side must be {limits.min_side_px} to {limits.max_side_px} px"
            )


def _entries(data: bytes, order: str, start: int, depth: int) -> Iterator[_Entry]:
    """Yield the entries of a directory and of those below it."""
    if start + 2 > len(data):
        return
    (count,) = struct.unpack_from(order + "H", data, start)
    if count > _MOST_ENTRIES or depth > _DEEPEST:
        raise InvalidImage(f"a directory of the TIFF has more than {_MOST_ENTRIES} entries")
    whole = (len(data) - start - 2) // _ENTRY_BYTES
    for number in range(min(count, whole)):
        place = start + 2 + number * _ENTRY_BYTES
        tag, kind, length = struct.unpack_from(order + "HHI", data, place)
        form = order + ("H" if kind == 3 else "I")
        (value,) = struct.unpack_from(form, data, place + 8)
        yield _Entry(tag, length * _TYPE_BYTES.get(kind, 0), value)
        if tag in _DIRECTORIES:
            yield from _entries(data, order, value, depth + 1)
