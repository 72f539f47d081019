"""Read what a caller passed in and check it, short of decoding any pixel."""

from __future__ import annotations

import hashlib
import os
import struct
import zlib
from dataclasses import dataclass
from io import BytesIO, TextIOBase
from typing import BinaryIO, cast

from PIL import Image, ImageFile

from app.classification.bitmap import SIGNATURE, RareBitmap
from app.classification.errors import (
    BadDimensions,
    ClassifierError,
    ImageNotFound,
    ImageTooLarge,
    InvalidImage,
    InvalidInput,
    UnsupportedFormat,
)
from app.classification.structure import check_parts
from app.classification.types import ImageFacts

Source = str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryIO

FORMATS = ("PNG", "JPEG", "BMP", "GIF")

# Pillow's readers raise all of these on damaged files (PngSuite, image-rs and GIF suites).
DECODER_ERRORS = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    KeyError,
    IndexError,
    TypeError,
    AttributeError,
    OverflowError,
    struct.error,
    zlib.error,
)


@dataclass(frozen=True, slots=True)
class Limits:
    """Bound what is accepted: bytes of the file and pixels a side, both inclusive."""

    max_bytes: int = 50 * 1024 * 1024
    min_side_px: int = 10
    max_side_px: int = 5000


def read_source(source: Source, limits: Limits) -> bytes:
    """Return the bytes behind a path, a bytes-like object or a binary file.

    Raises ImageNotFound, ImageTooLarge or, for other types and unreadable files,
    InvalidInput; InvalidImage where there are none. Never reads more than one byte past the limit.
    """
    if isinstance(source, (bytes, bytearray, memoryview)):
        data = bytes(source)
    elif isinstance(source, (str, os.PathLike)):
        data = _read_path(source, limits)
    elif isinstance(cast(object, source), TextIOBase):
        raise InvalidInput("the file must be opened in binary mode")
    elif hasattr(source, "read"):
        data = _read_file(source, limits)
    else:
        raise InvalidInput(
            f"a picture is a path, bytes or a binary file, not {type(source).__name__}"
        )
    if not data:
        raise InvalidImage("the picture is empty (0 bytes)")
    if len(data) > limits.max_bytes:
        raise ImageTooLarge(f"the picture has more than the {limits.max_bytes} bytes allowed")
    return data


def _read_path(path: str | os.PathLike[str], limits: Limits) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(limits.max_bytes + 1)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ImageNotFound(f"no file at {os.fspath(path)!r}") from error
    except (OSError, ValueError) as error:  # a folder, no permission, a NUL in the name
        raise InvalidInput(f"cannot read {os.fspath(path)!r}") from error


def _read_file(file: BinaryIO, limits: Limits) -> bytes:
    try:
        data: object = file.read(limits.max_bytes + 1)
    except (OSError, ValueError) as error:  # a closed file, one that is open for writing only
        raise InvalidInput("cannot read the file that was passed in") from error
    if not isinstance(data, bytes):
        raise InvalidInput("the file must be opened in binary mode")
    return data


def digest(data: bytes) -> str:
    """Return the SHA-256 of the data as 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def check_image(source: Source, limits: Limits | None = None) -> ImageFacts:
    """Check a picture as `load_image` does, short of decoding its pixels; same errors."""
    limits = limits or Limits()
    data = read_source(source, limits)
    with open_header(data, limits) as file:
        return facts_of(file, data, None)


def count_pixels(data: bytes, limits: Limits) -> int:
    """Return how many pixels the header of a picture promises; 0 for one that is refused."""
    if len(data) > limits.max_bytes:
        return 0
    try:
        with open_header(data, limits) as file:
            return file.width * file.height
    except ClassifierError:
        return 0


def open_header(data: bytes, limits: Limits) -> ImageFile.ImageFile:
    """Open the data as one of `FORMATS`, check its parts and sides, decode nothing yet."""
    check_parts(data)
    file: ImageFile.ImageFile
    try:
        file = Image.open(BytesIO(data), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise BadDimensions(
            f"the picture has a side above the {limits.max_side_px} px allowed"
        ) from error
    except DECODER_ERRORS as error:
        file = _open_rare_bitmap(data, error)
    try:
        _check_sides(file.width, file.height, limits)
    except BadDimensions:
        file.close()
        raise
    return file


def _open_rare_bitmap(data: bytes, refusal: Exception) -> ImageFile.ImageFile:
    """Open a BMP that Pillow leaves out."""
    if not data.startswith(SIGNATURE):
        raise _unreadable(data) from refusal
    try:
        return RareBitmap(data)
    except DECODER_ERRORS as error:
        raise _unreadable(data) from error


def _check_sides(width: int, height: int, limits: Limits) -> None:
    if not all(limits.min_side_px <= side <= limits.max_side_px for side in (width, height)):
        raise BadDimensions(
            f"the picture is {width} x {height} px; "
            f"each side must be {limits.min_side_px} to {limits.max_side_px} px"
        )


_SIGNATURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a")


def _unreadable(data: bytes) -> InvalidImage:
    # "BM" alone is too short a signature to call arbitrary text a damaged bitmap.
    if data.startswith(_SIGNATURES):
        return InvalidImage("the header of the picture is damaged")
    return UnsupportedFormat("the data is not a PNG, JPEG, BMP or GIF picture by its content")


def facts_of(file: Image.Image, data: bytes, sha256: str | None) -> ImageFacts:
    """Describe opened data; its SHA-256 is computed unless it is known."""
    # Phones write several pictures into one JPEG, which Pillow names MPO.
    name = "JPEG" if file.format == "MPO" else str(file.format)
    return ImageFacts(name, file.width, file.height, len(data), sha256 or digest(data))
