"""Decode the BMPs that Pillow does not, or not fast: run lengths, any bit masks, 2 bits per pixel.

Layout: BITMAPINFOHEADER to BITMAPV5HEADER (Microsoft, Windows GDI reference), and the header of
OS/2 2.x, of which a file may leave out any part of the end (IBM, OS/2 2.0 Presentation Manager).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile

from logo_classifier.pictures.formats.run_lengths import decode_runs
from logo_classifier.pictures.formats.stream import Layout

SIGNATURE = b"BM"
HEADER_BYTES = 54
"""Bytes of the file's header and of the header of Windows, without masks and palette."""

_BITFIELDS = (3, 6)
_HEADER_START = 14
_COLOURS_START, _MASKS_START = 46, 54
_SMALLEST_HEADER, _HEADER_WITH_ALPHA = 40, 56
_UNTOLD_MASKS = {16: (0x7C00, 0x3E0, 0x1F, 0), 32: (0xFF0000, 0xFF00, 0xFF, 0)}
_PALETTE_BITS = 2
_RUN_LENGTH_BITS = {1: 8, 2: 4}
"""Bits per pixel of the run lengths, by the compression's number."""

_WINDOWS_HEADERS = (40, 52, 56, 64, 108, 124)
_SHORTEST_OS2_HEADER, _LONGEST_OS2_HEADER = 16, 64
_STRIP_ROWS = 64


@dataclass(frozen=True, slots=True)
class BitmapHeader:
    """The parts of the header that decoding needs; `masks` are red, green, blue and alpha."""

    width: int
    height: int
    top_down: bool
    bits: int
    compression: int
    masks: tuple[int, int, int, int]
    palette_start: int
    palette_colours: int
    pixels_start: int


def bitmap_layout(data: bytes) -> Layout:
    """Return the layout of a BMP with a header that Pillow knows.

    What a header of OS/2 of 16 bytes or more leaves out is zero, as in the header of Windows. A
    number of colours that the bits of a pixel cannot tell apart is as many as they can.
    """
    if len(data) < _HEADER_START + _SHORTEST_OS2_HEADER:
        return Layout((slice(0, len(data)),))
    pixels_start, size = struct.unpack_from("<II", data, 10)
    if _SHORTEST_OS2_HEADER <= size < _LONGEST_OS2_HEADER and size not in _WINDOWS_HEADERS:
        fields = data[_HEADER_START + 4 : _HEADER_START + min(size, _SMALLEST_HEADER)]
        moved = max(0, pixels_start + _SMALLEST_HEADER - size)
        head = data[:10] + struct.pack("<II", moved, _SMALLEST_HEADER) + fields
        return Layout((head.ljust(HEADER_BYTES, b"\0"), slice(_HEADER_START + size, len(data))))
    if size in _WINDOWS_HEADERS and len(data) >= HEADER_BYTES:
        (bits,) = struct.unpack_from("<H", data, 28)
        (colours,) = struct.unpack_from("<I", data, _COLOURS_START)
        if bits <= 8 and colours > 2**bits:
            head = data[:_COLOURS_START] + bytes(4)
            return Layout((head, slice(len(head), len(data))))
    return Layout((slice(0, len(data)),))


def has_run_lengths(data: bytes) -> bool:
    """Return whether a BMP is run-length encoded; Pillow decodes these in a Python loop."""
    if not data.startswith(SIGNATURE) or len(data) < HEADER_BYTES:
        return False
    (size,) = struct.unpack_from("<I", data, _HEADER_START)
    (compression,) = struct.unpack_from("<I", data, _HEADER_START + 16)
    return size >= _SMALLEST_HEADER and compression in _RUN_LENGTH_BITS


def read_bitmap_header(data: bytes) -> BitmapHeader:
    """Return the header of a BMP without decoding pixels.

    Raises ValueError or struct.error for damaged data and for unsupported kinds.
    """
    size, width, height, planes, bits, compression = struct.unpack_from(
        "<IiiHHI", data, _HEADER_START
    )
    if size < _SMALLEST_HEADER or planes != 1:
        raise ValueError("not a Windows bitmap of one plane")
    plain = bits in (_PALETTE_BITS, *_UNTOLD_MASKS) and compression in (0, *_BITFIELDS)
    if not plain and _RUN_LENGTH_BITS.get(compression) != bits:
        raise ValueError(f"{bits} bits with compression {compression} are not decoded")
    masks = _UNTOLD_MASKS.get(bits, (0, 0, 0, 0))
    if compression in _BITFIELDS:
        red, green, blue, alpha = struct.unpack_from("<4I", data, _MASKS_START)
        has_alpha = size >= _HEADER_WITH_ALPHA or compression == _BITFIELDS[1]
        masks = (red, green, blue, alpha if has_alpha else 0)
    (pixels_start,) = struct.unpack_from("<I", data, 10)
    (colours,) = struct.unpack_from("<I", data, _COLOURS_START)
    return BitmapHeader(
        width,
        abs(height),
        height < 0,
        bits,
        compression,
        masks,
        _HEADER_START + size,
        min(colours or 2 ** min(bits, 8), 2 ** min(bits, 8)),
        pixels_start,
    )


class RareBitmap(ImageFile.StubImageFile):
    """A BMP that Pillow does not decode; like Pillow's own files it is decoded on load.

    Raises ValueError or SyntaxError for damaged data and for unsupported kinds.
    """

    format = "BMP"

    def __init__(self, data: bytes) -> None:
        self._data = data
        super().__init__(BytesIO(data))

    def _open(self) -> None:
        self._header = read_bitmap_header(self._data)
        self._mode = "RGBA"
        self._size = (self._header.width, self._header.height)
        self._handler = _Decoder(self._header, self._data)


@dataclass(frozen=True, slots=True)
class _Decoder(ImageFile.StubHandler):
    header: BitmapHeader
    data: bytes

    def open(self, im: ImageFile.StubImageFile) -> None:
        """Do nothing: the data is open already."""

    def load(self, im: ImageFile.StubImageFile) -> Image.Image:
        """Return the decoded picture."""
        return decode_bitmap(self.header, self.data)


def decode_bitmap(header: BitmapHeader, data: bytes) -> Image.Image:
    """Return the pixels as RGBA, or with a palette; raise ValueError if the data is too short."""
    if header.compression in _RUN_LENGTH_BITS:
        return _decode_run_lengths(header, data)
    stride = (header.width * header.bits + 31) // 32 * 4
    rows = np.frombuffer(data, np.uint8, stride * header.height, header.pixels_start)
    rows = rows.reshape(header.height, stride)
    decode = _by_palette if header.bits == _PALETTE_BITS else _by_masks
    rgba = np.empty((header.height, header.width, 4), np.uint8)
    upright = rgba if header.top_down else rgba[::-1]
    # Strips bound the memory: intermediate arrays are several times as large as their pixels.
    for top in range(0, header.height, _STRIP_ROWS):
        strip = slice(top, top + _STRIP_ROWS)
        upright[strip] = decode(header, data, rows[strip])
    if header.masks[3] == 0:
        rgba[..., 3] = 255
    image = Image.fromarray(rgba)
    image.format = "BMP"
    return image


def _decode_run_lengths(header: BitmapHeader, data: bytes) -> Image.Image:
    start, size = header.pixels_start, (header.width, header.height)
    indices = decode_runs(data, start, *size, header.bits)
    image = Image.fromarray(indices if header.top_down else indices[::-1])
    image.putpalette(_palette(header, data)[:, :3].tobytes())
    image.format = "BMP"
    return image


def _palette(header: BitmapHeader, data: bytes) -> NDArray[np.uint8]:
    entries = np.frombuffer(data, np.uint8, header.palette_colours * 4, header.palette_start)
    palette = np.zeros((2**header.bits, 4), np.uint8)
    palette[: header.palette_colours, :3] = entries.reshape(-1, 4)[:, 2::-1]
    palette[:, 3] = 255
    return palette


def _by_palette(header: BitmapHeader, data: bytes, rows: NDArray[np.uint8]) -> NDArray[np.uint8]:
    palette = _palette(header, data)
    places = np.stack([rows >> shift & 3 for shift in (6, 4, 2, 0)], axis=-1)
    indices = places.reshape(len(rows), -1)[:, : header.width]
    return palette[indices]


def _by_masks(header: BitmapHeader, data: bytes, rows: NDArray[np.uint8]) -> NDArray[np.uint8]:
    width_bytes = header.width * header.bits // 8
    values = np.ascontiguousarray(rows[:, :width_bytes]).view(f"<u{header.bits // 8}")
    return np.stack([_channel(values, mask) for mask in header.masks], axis=-1)


def _channel(values: NDArray[np.unsignedinteger], mask: int) -> NDArray[np.uint8]:
    if mask == 0:
        return np.zeros(values.shape, np.uint8)
    shift = (mask & -mask).bit_length() - 1
    top = mask >> shift
    if top & (top + 1):
        raise ValueError(f"the mask {mask:#x} has gaps")
    levels = (values.astype(np.uint32) & np.uint32(mask)) >> np.uint32(shift)
    scaled: NDArray[np.uint8] = np.rint(levels * (255 / top)).astype(np.uint8)
    return scaled
