"""Read the orientation from EXIF data, and nothing else.

A general reader copies the data of every entry, and thousands of entries may share the same
bytes. Source: CIPA DC-008 (EXIF 3.0), sections 4.5.2 and 4.6.5.
"""

from __future__ import annotations

import struct

UPRIGHT = 1

_ORIENTATION, _ENTRY_BYTES, _MOST_ENTRIES = 0x0112, 12, 1000
_PREFIX = b"Exif\0\0"
_BYTE_ORDERS = {b"II*\0": "<", b"MM\0*": ">"}
_VALUES = {1: "B", 3: "H", 4: "I"}
"""Layouts of whole numbers by the type of the entry."""


def read_orientation(exif: bytes) -> int:
    """Return the orientation, 1 to 8; 1, upright, if there is none or the data is damaged."""
    exif = exif.removeprefix(_PREFIX)
    order = _BYTE_ORDERS.get(exif[:4])
    if order is None or len(exif) < 10:
        return UPRIGHT
    (start,) = struct.unpack_from(order + "I", exif, 4)
    if start + 2 > len(exif):
        return UPRIGHT
    (count,) = struct.unpack_from(order + "H", exif, start)
    whole = (len(exif) - start - 2) // _ENTRY_BYTES
    for number in range(min(count, whole, _MOST_ENTRIES)):
        place = start + 2 + number * _ENTRY_BYTES
        tag, kind = struct.unpack_from(order + "HH", exif, place)
        if tag == _ORIENTATION and kind in _VALUES:
            (value,) = struct.unpack_from(order + _VALUES[kind], exif, place + 8)
            return value if 1 <= value <= 8 else UPRIGHT
    return UPRIGHT
