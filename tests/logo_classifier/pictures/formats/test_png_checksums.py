"""A PNG whose pixel data does not match its checksum is damaged."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from logo_classifier.errors import InvalidImage
from logo_classifier.pictures.formats.png import is_intact as sums_are_right
from logo_classifier.pictures.formats.structure import check_parts
from logo_classifier.pictures.image import load_image


@pytest.fixture
def png() -> bytes:
    file = BytesIO()
    Image.effect_noise((40, 40), 80).save(file, "PNG")
    return file.getvalue()


def is_intact(png: bytes) -> bool:
    return sums_are_right(png, check_parts(png).checksummed)


def test_an_intact_png_passes(png: bytes) -> None:
    assert is_intact(png)


@pytest.mark.parametrize("offset", [0, 3, -1])
def test_a_wrong_checksum_is_found_and_the_picture_refused(png: bytes, offset: int) -> None:
    end = png.index(b"IEND") - 4  # behind the checksum of the last pixel data
    place = end - 4 + offset
    damaged = png[:place] + bytes([png[place] ^ 1]) + png[place + 1 :]

    assert not is_intact(damaged)
    with pytest.raises(InvalidImage, match=r"checksum|does not decode"):
        load_image(damaged)


def test_other_chunks_and_a_cut_end_are_left_to_the_decoder(png: bytes) -> None:
    assert is_intact(png[:-20])
    assert is_intact(png[:50])
    assert is_intact(b"")
