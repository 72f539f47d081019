"""Read what a caller passed in, within the limit of bytes."""

from __future__ import annotations

import os
from io import RawIOBase, TextIOBase
from typing import Any, BinaryIO, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from logo_classifier.errors import ImageNotFound, ImageTooLarge, InvalidImage, InvalidInput
from logo_classifier.pictures.encoding import encode_array, encode_image
from logo_classifier.pictures.limits import Limits

Source = (
    str
    | os.PathLike[str]
    | bytes
    | bytearray
    | memoryview
    | BinaryIO
    | RawIOBase
    | Image.Image
    | NDArray[np.uint8]
)


def read_source(source: Source, limits: Limits) -> bytes:
    """Return the bytes of a path, a bytes-like object or a binary file.

    A Pillow image or an array of pixels, uint8 (height, width) or (height, width, 1-4), is
    returned as a PNG. Raises ImageNotFound or ImageTooLarge; InvalidImage if there are no bytes;
    InvalidInput for other types and unreadable files; BadDimensions for pixels in memory. Reads
    at most one byte more than the limit.
    """
    data = _read(source, limits)
    check_size(data, limits)
    return data


def check_size(data: bytes, limits: Limits) -> None:
    """Raise InvalidImage if there are no bytes, ImageTooLarge if there are too many."""
    if not data:
        raise InvalidImage("the picture is empty (0 bytes)")
    if len(data) > limits.max_bytes:
        raise ImageTooLarge(f"the picture has more than the {limits.max_bytes} bytes allowed")


def _read(source: Source, limits: Limits) -> bytes:
    """Return the bytes of a source, at most one byte more than the limit."""
    if isinstance(source, (bytes, bytearray, memoryview)):
        return bytes(source)
    if isinstance(source, (str, os.PathLike)):
        return _read_path(source, limits)
    if isinstance(source, Image.Image):
        return encode_image(source, limits)
    if isinstance(source, np.ndarray):
        return encode_array(source, limits)
    if isinstance(cast(object, source), TextIOBase):
        raise InvalidInput("the file must be opened in binary mode")
    if hasattr(source, "read"):
        return _read_file(source, limits)
    raise InvalidInput(
        "a picture is a path, bytes, a binary file, a Pillow image or a uint8 array, "
        f"not {type(source).__name__}"
    )


def _read_path(path: str | os.PathLike[str], limits: Limits) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(limits.max_bytes + 1)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ImageNotFound(f"no file at {os.fspath(path)!r}") from error
    except (OSError, ValueError) as error:  # a folder, no permission, a NUL in the name
        raise InvalidInput(f"cannot read {os.fspath(path)!r}") from error


def _read_file(file: Any, limits: Limits) -> bytes:
    """Return the bytes of a file; raw streams may return fewer than asked, and are asked again."""
    parts: list[bytes] = []
    left = limits.max_bytes + 1
    while left > 0:
        try:
            data: object = file.read(left)
        except (OSError, ValueError) as error:  # a closed file, or one open only for writing
            raise InvalidInput("cannot read the file that was passed in") from error
        if data is None:
            raise InvalidInput("the file has no data yet: it must be opened in blocking mode")
        if not isinstance(data, bytes):
            raise InvalidInput("the file must be opened in binary mode")
        if not data:
            break
        parts.append(data)
        left -= len(data)
    return parts[0] if len(parts) == 1 else b"".join(parts)
