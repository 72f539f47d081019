"""Make the costliest pictures that are allowed, of every format and depth."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from logo_classifier.pictures.formats.structure import MOST

SIDE_PX = 5000
MOST_BYTES = 50 * 1024 * 1024
_PNG_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_ADAM7 = (
    (0, 0, 8, 8),
    (4, 0, 8, 8),
    (0, 4, 4, 8),
    (2, 0, 4, 4),
    (0, 2, 2, 4),
    (1, 0, 2, 2),
    (0, 1, 1, 2),
)
ORIENTED_EXIF = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0"


@cache
def dense_noise() -> Image.Image:
    """Return random pixels, which leave an encoder no way to save bytes."""
    return Image.fromarray(np.random.default_rng(1).integers(0, 256, (SIDE_PX, SIDE_PX, 3), "u1"))


def make_dense(format_name: str, mode: str, options: dict[str, Any]) -> bytes:
    """Return a picture of random pixels."""
    file = BytesIO()
    dense_noise().convert(mode).save(file, format_name, **options)
    return file.getvalue()


@cache
def drawing(noisy: bool) -> Image.Image:
    """Return a square on one colour, or on smooth noise."""
    rng = np.random.default_rng(1)
    small = (
        rng.integers(0, 256, (50, 50, 3), np.uint8) if noisy else np.full((50, 50, 3), 255, "u1")
    )
    small[10:20, 10:20] = (200, 30, 30)
    return Image.fromarray(small).resize((SIDE_PX, SIDE_PX))


def make(kind: tuple[str, str, dict[str, Any]], noisy: bool) -> bytes:
    """Return a picture that Pillow writes: its format, mode and options."""
    format_name, mode, options = kind
    file = BytesIO()
    drawing(noisy).convert(mode).save(file, format_name, **options)
    return file.getvalue()


def png_chunk(name: bytes, data: bytes) -> bytes:
    """Return a chunk with its length and checksum."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def make_png(
    colour: int, depth: int, interlaced: bool, noisy: bool = False, extra: bytes = b""
) -> bytes:
    """Return a PNG of any colour type and depth; noise is of random bytes, at most 50 MB."""
    head = struct.pack(">IIBBBBB", SIDE_PX, SIDE_PX, depth, colour, 0, 0, interlaced)
    parts = [b"\x89PNG\r\n\x1a\n", png_chunk(b"IHDR", head)]
    if colour == 3:
        levels = np.linspace(0, 255, 2**depth).astype(np.uint8)
        parts.append(png_chunk(b"PLTE", np.repeat(levels[::-1], 3).tobytes()))
        parts.append(png_chunk(b"tRNS", levels.tobytes()))
    elif colour in (0, 2):
        parts.append(png_chunk(b"tRNS", b"\0\1" * _PNG_CHANNELS[colour]))
    bits = depth * _PNG_CHANNELS[colour]
    packer = zlib.compressobj(1)
    pixels = b"".join([packer.compress(rows) for rows in _png_rows(bits, interlaced, noisy)])
    parts += [extra, png_chunk(b"IDAT", pixels + packer.flush()), png_chunk(b"IEND", b"")]
    return b"".join(parts)


def _png_rows(bits: int, interlaced: bool, noisy: bool) -> Iterator[bytes]:
    rng = np.random.default_rng(1)
    noise_bytes = MOST_BYTES * 9 // 10 if noisy else 0
    for left, top, across, down in _ADAM7 if interlaced else ((0, 0, 1, 1),):
        width, height = -(-(SIDE_PX - left) // across), -(-(SIDE_PX - top) // down)
        stride = (width * bits + 7) // 8
        for _ in range(height):
            noise = min(noise_bytes, stride)
            noise_bytes -= noise
            row = rng.bytes(noise) + b"\x55" * (stride - noise)
            yield b"\4" + row  # the Paeth filter costs most


def make_bmp(bits: int, compression: int, body: bytes | None, masks: tuple[int, ...] = ()) -> bytes:
    """Return a BMP of any depth; without a body its pixels are noise."""
    stride = (SIDE_PX * bits + 31) // 32 * 4
    rows = min(SIDE_PX, MOST_BYTES * 99 // 100 // stride)
    pixels = np.random.default_rng(1).bytes(stride * rows) if body is None else body
    levels = np.linspace(255, 0, 2 ** min(bits, 8)).astype(np.uint8)
    colours = np.repeat(levels, 4).tobytes() if bits <= 8 else b""
    height = rows if body is None else SIDE_PX
    head = struct.pack("<IiiHHIIiiII", 56, SIDE_PX, height, 1, bits, compression, *[0] * 5)
    head += struct.pack("<4I", *(masks or [0] * 4)) + colours
    start = 14 + len(head)
    return struct.pack("<2sIHHI", b"BM", start + len(pixels), 0, 0, start) + head + pixels


def run_lengths(command: bytes, *, rows: int = SIDE_PX) -> bytes:
    """Return run lengths of one command, repeated to the end of the allowed bytes or rows."""
    most = MOST_BYTES - 4096
    if command[:2] == b"\0\0":
        return command * (most // len(command))
    pixels = command[0] or command[1]
    row = command * (SIDE_PX // pixels) + b"\0\0"
    return row * min(rows, most // len(row)) + b"\0\1"


def repeat_scans(noisy: bool, mode: str = "RGB") -> bytes:
    """Return a progressive JPEG with its last scan repeated up to the limit."""
    jpeg = make(("JPEG", mode, {"progressive": True, "subsampling": 0}), noisy)
    scan, end = b"\xff\xda", b"\xff\xd9"
    last = jpeg[jpeg.rindex(scan) : -len(end)]
    return jpeg[: -len(end)] + last * (MOST["scans"] - jpeg.count(scan)) + end


def photoshop_blocks() -> bytes:
    """Return a JPEG filled up to nearly the size limit with empty blocks of Photoshop."""
    jpeg = make(("JPEG", "RGB", {}), False)
    blocks = b"Photoshop 3.0\0" + (b"8BIM\x04\x04" + bytes(6)) * 5400
    segment = b"\xff\xed" + struct.pack(">H", len(blocks) + 2) + blocks
    return jpeg[:2] + segment * (48 * 2**20 // len(segment)) + jpeg[2:]


def shared_exif() -> bytes:
    """Return EXIF data whose entries all name the same bytes as their own."""
    rows = b"".join(struct.pack("<HHII", tag, 1, 30_000, 8) for tag in range(2500))
    return b"II*\0" + struct.pack("<IH", 8, 2500) + rows + bytes(30_100)


def commented_gif() -> bytes:
    """Return a GIF with as many blocks of comment as are allowed."""
    gif = make(("GIF", "P", {}), True)
    start = 13 + 768
    return (
        gif[:start]
        + b"\x21\xfe"
        + (b"\xff" + b"a" * 255) * (MOST["blocks"] - 9)
        + b"\0"
        + gif[start:]
    )


def chopped_png() -> bytes:
    """Return a PNG with as many chunks of pixels as are allowed."""
    png = make_png(6, 8, interlaced=False, noisy=True)
    start = png.index(b"IDAT") + 4
    data = png[start : start + int.from_bytes(png[start - 8 : start - 4])]
    step = len(data) // (MOST["chunks"] - 9)
    parts = [png_chunk(b"IDAT", data[at : at + step]) for at in range(0, len(data), step)]
    return b"".join([png[: start - 8], *parts, png_chunk(b"IEND", b"")])


def without_end(jpeg: bytes) -> bytes:
    """Return a JPEG without its end marker, which is decoded twice."""
    return jpeg[:-2]


def oriented_jpeg(mode: str, noisy: bool) -> bytes:
    """Return a JPEG that is to be turned."""
    return make(("JPEG", mode, {"exif": b"Exif\0\0" + ORIENTED_EXIF}), noisy)


def small_gif_frame() -> bytes:
    """Return a GIF whose first frame leaves a part of the canvas open."""
    gif = bytearray(make(("GIF", "P", {}), True))
    gif[6:10] = struct.pack("<HH", SIDE_PX, SIDE_PX)
    place = gif.index(b",", 13 + 768)
    gif[place + 5 : place + 9] = struct.pack("<HH", SIDE_PX, SIDE_PX - 1)
    return bytes(gif)


def hidden_apng() -> bytes:
    """Return an APNG whose first frame, of 16-bit RGBA, is smaller than its canvas."""
    png = make_png(6, 16, interlaced=False)
    start = png.index(b"IDAT") + 4
    data = png[start : start + int.from_bytes(png[start - 8 : start - 4])]
    frame = struct.pack(">IIIIIHHBB", 0, SIDE_PX, SIDE_PX - 1, 0, 1, 1, 10, 0, 0)
    end = png_chunk(b"IEND", b"")
    return (
        png[:33]
        + png_chunk(b"acTL", struct.pack(">II", 1, 0))
        + png[33 : -len(end)]
        + png_chunk(b"fcTL", frame)
        + png_chunk(b"fdAT", b"\0\0\0\1" + data)
        + end
    )


def compressed_texts() -> bytes:
    """Return a PNG full of compressed texts of 100 MB each."""
    text = png_chunk(b"zTXt", b"note\0\0" + zlib.compress(bytes(100 * 10**6), 9))
    return make_png(2, 8, interlaced=False, extra=text * 400)


def mixed_commands() -> bytes:
    """Return commands of all kinds that move little."""
    pieces: list[NDArray[np.uint8]] = [
        np.array(part, np.uint8) for part in ([0, 3, 1, 2, 3, 0], [0, 2, 0, 0], [1, 9])
    ]
    row = np.concatenate(pieces * 1000)
    return (row.tobytes() + b"\0\0") * (MOST_BYTES // (len(row) + 2) - 9)
