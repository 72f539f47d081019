"""Files that would keep a decoder busy for nothing are refused before it sees them."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from logo_classifier.errors import InvalidImage
from logo_classifier.pictures.formats.structure import MOST, check_parts
from logo_classifier.pictures.image import load_image

MANY = 60_000
SCAN, END = b"\xff\xda", b"\xff\xd9"


def jpeg(**options: object) -> bytes:
    file = BytesIO()
    Image.effect_mandelbrot((64, 64), (-2, -1, 1, 1), 60).convert("RGB").save(
        file, "JPEG", **options
    )
    return file.getvalue()


def with_scans(count: int) -> bytes:
    """Return a progressive JPEG whose last scan comes again until there are so many."""
    data = jpeg(progressive=True)
    last = data[data.rindex(SCAN) : -len(END)]
    return data[: -len(END)] + last * (count - data.count(SCAN)) + END


def chunk(name: bytes, content: bytes = b"") -> bytes:
    checksum = zlib.crc32(name + content)
    return struct.pack(">I4s", len(content), name) + content + struct.pack(">I", checksum)


def encoded(name: str) -> bytes:
    file = BytesIO()
    Image.new("P", (20, 20)).save(file, name)
    return file.getvalue()


def bombs() -> dict[str, tuple[bytes, str]]:
    """Return files of many parts, each with what the refusal calls them."""
    whole, png, gif = jpeg(), encoded("PNG"), encoded("GIF")
    picture = gif.index(b",", 13)
    comment = b"\x21\xfe" + b"\x01a" * MANY + b"\x00"
    return {
        "application segments": (whole[:2] + b"\xff\xe1\x00\x02" * MANY + whole[2:], "segments"),
        "fill bytes": (whole[:2] + b"\xff" * MANY + whole[2:], "segments"),
        "stray bytes": (whole[:20] + b"a" * MANY + whole[20:], "segments"),
        "scans": (with_scans(MOST["scans"] + 1), "scans"),
        "markers among scans": (
            whole[:-2] + SCAN * MOST["scans"] + b"\xff\x01" * MANY + END,
            "segments",
        ),
        "metadata": (png[:33] + chunk(b"teSt") * MANY + png[33:], "chunks"),
        "pixel chunks": (png[:-12] + chunk(b"IDAT") * MANY + png[-12:], "chunks"),
        "comments": (gif[:picture] + comment + gif[picture:], "blocks"),
        "stray blocks": (gif[:picture] + b"\x00" * MANY + gif[picture:], "blocks"),
    }


@pytest.mark.parametrize("name", list(bombs()))
def test_too_many_parts_are_refused_with_the_limit(name: str) -> None:
    data, parts = bombs()[name]
    with pytest.raises(InvalidImage, match=f"more than the {MOST[parts]} {parts} allowed"):
        load_image(data)


def test_as_many_scans_as_are_allowed_decode() -> None:
    assert load_image(with_scans(MOST["scans"])).facts.width == 64


def test_scans_after_the_end_of_the_picture_do_not_count() -> None:
    # Phones append a film to a picture: its bytes may look like anything.
    film = SCAN * (2 * MOST["scans"])

    assert load_image(jpeg() + film).facts.width == 64


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"restart_marker_rows": 1}])
def test_ordinary_jpegs_pass(options: dict[str, object]) -> None:
    assert load_image(jpeg(**options)).facts.format == "JPEG"


def test_a_comment_in_a_gif_passes() -> None:
    file = BytesIO()
    picture = Image.new("L", (20, 20))
    picture.paste(255, (5, 5, 15, 15))
    picture.save(file, "GIF", comment=b"a" * 100_000)

    assert load_image(file.getvalue()).facts.format == "GIF"


def test_every_picture_of_the_tests_passes() -> None:
    files = [path for path in (Path(__file__).parents[3] / "data").rglob("*") if path.is_file()]
    assert len(files) > 40

    for path in files:
        check_parts(path.read_bytes())


@pytest.mark.parametrize("cut", [2, 3, 5, 9, 12, 14, 20])
@pytest.mark.parametrize("name", ["PNG", "JPEG", "GIF"])
def test_what_is_cut_short_is_left_to_the_decoder(name: str, cut: int) -> None:
    data = jpeg() if name == "JPEG" else encoded(name)

    check_parts(data[:cut])
    check_parts(data[:-cut])


def test_a_palette_is_not_taken_for_the_blocks_behind_it() -> None:
    gif = encoded("GIF")
    picture = gif[gif.index(b",", 13) :]
    # Each byte of the palette is the mark of a picture.
    head = b"GIF89a" + struct.pack("<HH", 20, 20) + b"\xf7\0\0" + b"," * 768
    comment = b"\x21\xfe" + b"\x01a" * MANY + b"\0"

    with pytest.raises(InvalidImage, match=f"more than the {MOST['blocks']} blocks"):
        load_image(head + comment + picture)
