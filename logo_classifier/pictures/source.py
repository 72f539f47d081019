"""Read what a caller passed in, within the limit of bytes."""

from __future__ import annotations

import os
from dataclasses import dataclass
from io import TextIOBase
from typing import BinaryIO, cast

from logo_classifier.errors import ImageNotFound, ImageTooLarge, InvalidImage, InvalidInput

Source = str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryIO


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of an accepted picture, all inclusive: bytes of the file and pixels per side."""

    max_bytes: int = 50 * 1024 * 1024
    min_side_px: int = 10
    max_side_px: int = 5000


def read_source(source: Source, limits: Limits) -> bytes:
    """Return the bytes of a path, a bytes-like object or a binary file.

    Raises ImageNotFound or ImageTooLarge; InvalidImage if there are no bytes; InvalidInput for
    other types and unreadable files. Reads at most one byte more than the limit.
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
