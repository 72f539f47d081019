"""Open a picture's header, once, and check it; no pixel is decoded here."""

from __future__ import annotations

import hashlib
import struct
import zlib
from dataclasses import dataclass

from PIL import Image, ImageFile, UnidentifiedImageError

from logo_classifier.errors import (
    BadDimensions,
    ClassifierError,
    InvalidImage,
    InvalidInput,
    UnsupportedFormat,
)
from logo_classifier.pictures.formats.bitmap import (
    HEADER_BYTES,
    SIGNATURE,
    RareBitmap,
    bitmap_layout,
    has_run_lengths,
)
from logo_classifier.pictures.formats.containers import check_declared_sides
from logo_classifier.pictures.formats.stream import Layout, open_pieces
from logo_classifier.pictures.formats.structure import check_parts
from logo_classifier.pictures.formats.webp import is_webp, webp_layout
from logo_classifier.pictures.limits import BROWSER_FORMATS, Limits, check_sides
from logo_classifier.pictures.recognising import recognise
from logo_classifier.pictures.source import Source, check_size, read_source
from logo_classifier.values import ImageFacts

# Pillow's readers raise all of these on damaged files (PngSuite, image-rs and GIF suites). That of
# AVIF raises RuntimeError.
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
    RuntimeError,
    struct.error,
    zlib.error,
)


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
    """An opened picture without decoded pixels; `layout` is what its file consists of."""

    file: ImageFile.ImageFile
    layout: Layout
    facts: ImageFacts


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
        _check_header(header, limits)
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
    if header.facts.format in BROWSER_FORMATS:
        picture._kept.append(header)
    else:  # its decoder may hold more than the bytes of the file
        header.file.close()
    return header.facts


def _take_kept(picture: Picture) -> Header | None:
    try:
        return picture._kept.pop()  # atomic, so no two threads decode the same file
    except IndexError:
        return None


def _parse(picture: Picture, limits: Limits) -> Header:
    """Check the parts of a file, then open those that are needed without decoding pixels."""
    data = picture.data
    if data.startswith(SIGNATURE):
        layout = bitmap_layout(data)
    else:
        check_declared_sides(data, limits)
        layout = webp_layout(data) if is_webp(data) else check_parts(data)
    file: ImageFile.ImageFile
    try:
        file = open_layout(data, layout, limits)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise BadDimensions(
            f"the picture has a side above the {limits.max_side_px} px allowed"
        ) from error
    except DECODER_ERRORS as error:
        raise _unreadable(data, limits) from error
    # Some phones write several pictures into one JPEG. Pillow calls this format MPO.
    name = "JPEG" if file.format == "MPO" else str(file.format)
    width, height = layout.canvas or file.size
    return Header(file, layout, ImageFacts(name, width, height, len(data), picture.sha256))


def open_layout(data: bytes, layout: Layout, limits: Limits) -> ImageFile.ImageFile:
    """Open the needed parts of a file; raise one of `DECODER_ERRORS` or an error of Pillow."""
    stream = open_pieces(data, layout.pieces)
    if not data.startswith(SIGNATURE):
        return Image.open(stream, formats=limits.formats)
    if "BMP" not in limits.formats:
        raise UnidentifiedImageError
    head = stream.read(HEADER_BYTES)
    stream.seek(0)
    if not has_run_lengths(head):
        try:
            return Image.open(stream, formats=("BMP",))
        except DECODER_ERRORS:
            stream.seek(0)
    return RareBitmap(stream.read())


def _check_header(header: Header, limits: Limits) -> None:
    try:
        check_sides(header.facts.width, header.facts.height, limits)
    except BadDimensions:
        header.file.close()
        raise


def _unreadable(data: bytes, limits: Limits) -> InvalidImage:
    # The BMP signature is not enough: arbitrary text may start with "BM".
    found = recognise(data)
    if found and found.format in limits.formats:
        return InvalidImage("the header of the picture is damaged")
    known = " or ".join((", ".join(limits.formats[:-1]), limits.formats[-1]))
    if len(limits.formats) == 1:
        known = limits.formats[0]
    text = f"the data is not a {known} picture by its content"
    return UnsupportedFormat(f"{text}: {found.advice}" if found else text)
