"""The parts of a file that a decoder needs, as one binary file without copies of the data."""

from __future__ import annotations

import io
import os
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import BinaryIO, cast

Piece = bytes | slice
Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Layout:
    """What a walk over the parts of a file found.

    `pieces` are the parts that decoding needs: slices of the data, or bytes in place of them.
    `checksummed` are slices whose CRC-32 follows them. `frame` is the box of the first frame if it
    is not the whole `canvas`, a width and a height. `ended` is false for a JPEG without its end
    marker.
    `orientation` is that of the EXIF data, 1 to 8; None if only the decoder can tell.
    """

    pieces: tuple[Piece, ...]
    checksummed: tuple[slice, ...] = ()
    frame: Box | None = None
    canvas: tuple[int, int] | None = None
    ended: bool = True
    orientation: int | None = None


def open_pieces(data: bytes, pieces: Sequence[Piece]) -> BinaryIO:
    """Return the pieces as one file; slices refer to `data`, which is not copied."""
    if list(pieces) == [slice(0, len(data))]:
        return io.BytesIO(data)
    return cast(BinaryIO, io.BufferedReader(_Pieces(data, pieces)))


def joined(slices: Sequence[slice]) -> list[Piece]:
    """Return the slices with neighbours merged."""
    merged: list[Piece] = []
    for part in slices:
        last = merged[-1] if merged else None
        if isinstance(last, slice) and last.stop == part.start:
            merged[-1] = slice(last.start, part.stop)
        else:
            merged.append(part)
    return merged


class _Pieces(io.RawIOBase):
    def __init__(self, data: bytes, pieces: Sequence[Piece]) -> None:
        view = memoryview(data)
        parts = [view[p] if isinstance(p, slice) else memoryview(p) for p in pieces]
        self._parts = [part for part in parts if len(part)]
        self._starts = list(accumulate(map(len, self._parts), initial=0))
        self._place = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self._starts[-1]}[whence]
        self._place = max(0, base + offset)
        return self._place

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        number = bisect_right(self._starts, self._place) - 1
        if number >= len(self._parts):
            return 0
        begin = self._place - self._starts[number]
        part = self._parts[number][begin : begin + len(buffer)]
        buffer[: len(part)] = part
        self._place += len(part)
        return len(part)
