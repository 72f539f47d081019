"""Open a picture's header, once, and check it; no pixel is decoded here."""

from __future__ import annotations

import hashlib
import struct
import zlib
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageFile

from logo_classifier.errors import (
    BadDimensions,
    ClassifierError,
    InvalidImage,
    InvalidInput,
    UnsupportedFormat,
)
from logo_classifier.pictures.bitmap import SIGNATURE, RareBitmap
from logo_classifier.pictures.source import Limits, Source, check_size, read_source
from logo_classifier.pictures.structure import check_parts
from logo_classifier.values import ImageFacts

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

_MOST_KEPT_BYTES = 64 * 1024
"""Headers with more metadata than this are parsed again: a batch would hold all of it at once."""


class Picture:
    """A picture as it came in: its bytes, their digest, and its header, which is parsed once.

    Whoever looks at the header first keeps it for the call that decodes. Thread-safe.
    """

    __slots__ = ("__weakref__", "_kept", "_refusal", "_sha256", "data")

    def __init__(self, data: bytes) -> None:
        if not isinstance(data, (bytes, bytearray, memoryview)):
            raise InvalidInput(f"a picture is made of bytes, not of {type(data).__name__}")
        self.data = bytes(data)
        self._sha256: str | None = None
        self._kept: list[Header] = []
        self._refusal: tuple[Limits, type[ClassifierError], str] | None = None

    @property
    def sha256(self) -> str:
        """Return the SHA-256 of the bytes as 64 hexadecimal digits."""
        if self._sha256 is None:
            self._sha256 = hashlib.sha256(self.data).hexdigest()
        return self._sha256

    def count_pixels(self, limits: Limits) -> int:
        """Return the number of pixels by the header; 0 for a picture that is refused."""
        try:
            facts = check_image(self, limits)
        except ClassifierError:
            return 0
        return facts.width * facts.height


@dataclass(frozen=True, slots=True)
class Header:
    """An opened picture without decoded pixels.

    `pixel_chunks` is what `check_parts` found in a PNG.
    """

    file: ImageFile.ImageFile
    pixel_chunks: tuple[slice, ...]
    facts: ImageFacts

    @property
    def is_light(self) -> bool:
        """Return whether what Pillow holds of the file beside its bytes is little."""
        texts = (text for text in self.file.info.values() if isinstance(text, (str, bytes)))
        held = sum(map(len, texts))
        parsed = self.file.fp.tell() if self.file.fp else 0
        return held + parsed <= _MOST_KEPT_BYTES


def receive(source: Source | Picture, limits: Limits) -> Picture:
    """Return a source as a picture after checking its size in bytes; errors of `read_source`."""
    if not isinstance(source, Picture):
        return Picture(read_source(source, limits))
    check_size(source.data, limits)
    return source


def open_header(picture: Picture, limits: Limits) -> Header:
    """Return the opened picture; the caller decodes and closes its file.

    Raises InvalidImage, UnsupportedFormat or BadDimensions.
    """
    known = picture._refusal
    if known and known[0] == limits:
        raise known[1](known[2])
    try:
        header = _take_kept(picture) or _parse(picture, limits)
        _check_sides(header.file, limits)
    except ClassifierError as error:
        # Not the error itself, whose traceback holds the picture.
        picture._refusal = limits, type(error), str(error)
        raise
    return header


def check_image(source: Source | Picture, limits: Limits | None = None) -> ImageFacts:
    """Check a picture as `load_image` does, but without decoding pixels; same errors."""
    limits = limits or Limits()
    picture = receive(source, limits)
    header = open_header(picture, limits)
    if header.is_light:
        picture._kept.append(header)
    else:
        header.file.close()
    return header.facts


def _take_kept(picture: Picture) -> Header | None:
    try:
        return picture._kept.pop()  # atomic, so no two threads decode the same file
    except IndexError:
        return None


def _parse(picture: Picture, limits: Limits) -> Header:
    """Check the number of parts, then open the data as one of `FORMATS` without decoding it."""
    data = picture.data
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
    # Some phones write several pictures into one JPEG. Pillow calls this format MPO.
    name = "JPEG" if file.format == "MPO" else str(file.format)
    facts = ImageFacts(name, file.width, file.height, len(data), picture.sha256)
    return Header(file, pixel_chunks, facts)


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
