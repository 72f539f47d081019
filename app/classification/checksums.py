"""Check the checksums of a PNG's chunks; Pillow skips those of the pixel data."""

from __future__ import annotations

import struct
import zlib

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_HEADER_BYTES, _CHECKSUM_BYTES = 8, 4
_PIXELS = b"IDAT"


def pixel_data_is_intact(png: bytes) -> bool:
    """Tell whether every chunk of pixel data has the CRC-32 written behind it.

    PNG specification (W3C, third edition), section 5.3. Chunks beyond the end of the data are the
    decoder's to refuse.
    """
    view, place = memoryview(png), len(SIGNATURE)
    while place + _HEADER_BYTES <= len(png):
        length, name = struct.unpack_from(">I4s", png, place)
        end = place + _HEADER_BYTES + length
        if end + _CHECKSUM_BYTES > len(png):
            return True
        if name == _PIXELS:
            (written,) = struct.unpack_from(">I", png, end)
            if zlib.crc32(view[place + 4 : end]) != written:
                return False
        place = end + _CHECKSUM_BYTES
    return True
