"""The directories of a TIFF may not ask for more than the file has."""

from __future__ import annotations

import struct
import tracemalloc

import pytest

from logo_classifier.errors import BadDimensions, InvalidImage
from logo_classifier.pictures.header import check_image
from logo_classifier.pictures.limits import Limits

LIMITS = Limits(formats=("TIFF",))
PLAIN = [(256, 4, 1, 64), (257, 4, 1, 64), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1)]
PLAIN += [(273, 4, 1, 8), (277, 3, 1, 1), (278, 4, 1, 64), (279, 4, 1, 4096)]


def tiff(entries: list[tuple[int, int, int, int]], room: int = 8192, head: bytes = b"") -> bytes:
    """Return a TIFF whose directory comes behind its pixels."""
    body = bytes(range(256)) * (room // 256)
    rows = b"".join(struct.pack("<HHII", *entry) for entry in sorted(entries))
    head = head or b"II*\0"
    directory = struct.pack("<H", len(entries)) + rows + bytes(4)
    return head + struct.pack("<I", 8 + len(body)) + body + directory


def test_a_plain_tiff_passes() -> None:
    assert check_image(tiff(PLAIN), LIMITS).width == 64


@pytest.mark.parametrize("pointer", [None, 0x8769, 0x8825])
def test_entries_that_share_their_bytes_are_refused_unread(pointer: int | None) -> None:
    shared = [(tag, 7, 6000, 8) for tag in range(1000, 1200)]
    data = tiff(PLAIN + shared)
    if pointer:
        inner = struct.pack("<H", 200) + b"".join(struct.pack("<HHII", *row) for row in shared)
        data = tiff([*PLAIN, (pointer, 4, 1, 0)])
        data = data.replace(
            struct.pack("<HHII", pointer, 4, 1, 0), struct.pack("<HHII", pointer, 4, 1, len(data))
        )
        data += inner
    tracemalloc.start()

    with pytest.raises(InvalidImage, match="more bytes than the file has"):
        check_image(data, LIMITS)

    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_bytes < 500_000


def test_a_directory_that_holds_itself_is_refused() -> None:
    data = tiff([*PLAIN, (0x8769, 4, 1, 8 + 8192)])

    with pytest.raises(InvalidImage, match="entries"):
        check_image(data, LIMITS)


def test_very_many_entries_are_refused() -> None:
    with pytest.raises(InvalidImage, match="more than 500 entries"):
        check_image(tiff(PLAIN + [(tag, 3, 1, 0) for tag in range(1000, 1600)]), LIMITS)


@pytest.mark.parametrize("tag", [322, 323])
def test_tiles_beyond_every_picture_are_refused(tag: int) -> None:
    with pytest.raises(BadDimensions, match="60000 px"):
        check_image(tiff([*PLAIN, (tag, 4, 1, 60_000)]), LIMITS)


def test_offsets_of_64_bits_are_refused_with_what_to_do() -> None:
    with pytest.raises(InvalidImage, match="save it as PNG"):
        check_image(tiff(PLAIN, head=b"II+\0"), LIMITS)
