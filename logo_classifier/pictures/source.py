"""Receive a caller's picture and check it without decoding pixels."""

from __future__ import annotations

import hashlib
import os
import struct
import zlib
from dataclasses import dataclass
from io import BytesIO, TextIOBase
from typing import BinaryIO, cast

from PIL import Image, ImageFile

from logo_classifier.errors import (
    BadDimensions,
    ClassifierError,
    ImageNotFound,
    ImageTooLarge,
    InvalidImage,
    InvalidInput,
    UnsupportedFormat,
)
from logo_classifier.pictures.bitmap import SIGNATURE, RareBitmap
from logo_classifier.pictures.structure import check_parts
from logo_classifier.values import ImageFacts

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
    """The limits of an accepted picture, all inclusive: bytes of the file and pixels per side."""

    max_bytes: int = 50 * 1024 * 1024
    min_side_px: int = 10
    max_side_px: int = 5000


class Picture:
    """A received picture: its bytes, their digest, and its header, which is parsed once.

    `look` keeps the parsed header for the call that decodes. Thread-safe. Pass `sha256` if the
    digest is known already.
    """

    __slots__ = ("_kept", "_refused", "_sha256", "data")

    def __init__(self, data: bytes, sha256: str | None = None) -> None:
        self.data = data
        self._sha256 = sha256
        self._kept: list[Header] = []
        self._refused: tuple[Limits, ClassifierError] | None = None

    @property
    def sha256(self) -> str:
        """Return the SHA-256 of the bytes as 64 hexadecimal digits."""
        if self._sha256 is None:
            self._sha256 = hashlib.sha256(self.data).hexdigest()
        return self._sha256

    def open_header(self, limits: Limits) -> Header:
        """Return the opened picture; the caller decodes and closes it.

        Raises InvalidImage, UnsupportedFormat or BadDimensions.
        """
        if self._refused and self._refused[0] == limits:
            raise self._refused[1]
        try:
            header = self._take_kept() or _open_header(self.data, limits)
            _check_sides(header.file, limits)
        except ClassifierError as error:
            self._refused = limits, error
            raise
        return header

    def look(self, limits: Limits) -> ImageFacts:
        """Return the facts in the header and keep it for `open_header`; same errors."""
        header = self.open_header(limits)
        self._kept.append(header)
        return self.facts(header.file)

    def count_pixels(self, limits: Limits) -> int:
        """Return the number of pixels by the header; 0 for a picture that is refused."""
        try:
            facts = receive(self, limits).look(limits)
        except ClassifierError:
            return 0
        return facts.width * facts.height

    def _take_kept(self) -> Header | None:
        try:
            return self._kept.pop()  # atomic, so no two threads decode the same file
        except IndexError:
            return None

    def facts(self, file: Image.Image) -> ImageFacts:
        """Return the facts of this picture, opened as `file`."""
        # Some phones write several pictures into one JPEG. Pillow calls this format MPO.
        name = "JPEG" if file.format == "MPO" else str(file.format)
        return ImageFacts(name, file.width, file.height, len(self.data), self.sha256)


@dataclass(frozen=True, slots=True)
class Header:
    """An opened picture without decoded pixels.

    `pixel_chunks` is what `check_parts` found in a PNG.
    """

    file: ImageFile.ImageFile
    pixel_chunks: tuple[slice, ...]


def receive(source: Source | Picture, limits: Limits) -> Picture:
    """Return a source as a picture after checking its size in bytes.

    Raises ImageNotFound or ImageTooLarge; InvalidImage if there are no bytes; InvalidInput for
    other types and unreadable files.
    """
    picture = source if isinstance(source, Picture) else Picture(_read(source, limits))
    if not picture.data:
        raise InvalidImage("the picture is empty (0 bytes)")
    if len(picture.data) > limits.max_bytes:
        raise ImageTooLarge(f"the picture has more than the {limits.max_bytes} bytes allowed")
    return picture


def check_image(source: Source | Picture, limits: Limits | None = None) -> ImageFacts:
    """Check a picture as `load_image` does, but without decoding pixels; same errors."""
    limits = limits or Limits()
    return receive(source, limits).look(limits)


def _read(source: Source, limits: Limits) -> bytes:
    """Return the bytes of a source, at most one byte more than the limit."""
    if isinstance(source, (bytes, bytearray, memoryview)):
        return bytes(source)
    if isinstance(source, (str, os.PathLike)):
        return _read_path(source, limits)
    if isinstance(cast(object, source), TextIOBase):
        raise InvalidInput("the file must be opened in binary mode")
    if hasattr(source, "read"):
        return _read_file(source, limits)
    raise InvalidInput(f"a picture is a path, bytes or a binary file, not {type(source).__name__}")


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
    except (OSError, ValueError) as error:  # a closed file, or one open only for writing
        raise InvalidInput("cannot read the file that was passed in") from error
    if not isinstance(data, bytes):
        raise InvalidInput("the file must be opened in binary mode")
    return data


def _open_header(data: bytes, limits: Limits) -> Header:
    """Check the number of parts, then open the data as one of `FORMATS` without decoding it."""
    pixel_chunks = check_parts(data)
    file: ImageFile.ImageFile
    try:
        file = Image.open(BytesIO(data), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise BadDimensions(
            f"the picture has a side above the {limits.max_side_px} px allowed"
        ) from error
    except DECODER_ERRORS as error:
        file = _open_rare_bitmap(data, error)
    return Header(file, pixel_chunks)


def _open_rare_bitmap(data: bytes, refusal: Exception) -> ImageFile.ImageFile:
    """Open a BMP that Pillow does not decode."""
    if not data.startswith(SIGNATURE):
        raise _unreadable(data) from refusal
    try:
        return RareBitmap(data)
    except DECODER_ERRORS as error:
        raise _unreadable(data) from error


def _check_sides(file: Image.Image, limits: Limits) -> None:
    sides = (file.width, file.height)
    if not all(limits.min_side_px <= side <= limits.max_side_px for side in sides):
        file.close()
        raise BadDimensions(
            f"the picture is {file.width} x {file.height} px; "
            f"each side must be {limits.min_side_px} to {limits.max_side_px} px"
        )


_SIGNATURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a")


def _unreadable(data: bytes) -> InvalidImage:
    # The BMP signature is not in the list: arbitrary text may start with "BM".
    if data.startswith(_SIGNATURES):
        return InvalidImage("the header of the picture is damaged")
    return UnsupportedFormat("the data is not a PNG, JPEG, BMP or GIF picture by its content")
