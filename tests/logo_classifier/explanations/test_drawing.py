"""Drawings on a pale copy of a picture."""

from __future__ import annotations

from base64 import b64decode
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from logo_classifier.explanations.drawing import BLUE, RED, as_data_url, as_hex, fade_out, tint

HEAD = "data:image/png;base64,"


def square(*colour: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.full((4, 6, 3), colour, np.uint8)


def test_a_data_url_holds_the_pixels() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (9, 13, 3), np.uint8)

    url = as_data_url(pixels)

    assert url.startswith(HEAD)
    read = Image.open(BytesIO(b64decode(url.removeprefix(HEAD))))
    assert read.format == "PNG"
    assert np.array_equal(np.asarray(read), pixels)


def test_a_pale_copy_is_grey_and_lighter() -> None:
    assert fade_out(square(0, 0, 0))[0, 0].tolist() == [178, 178, 178]
    assert fade_out(square(255, 255, 255))[0, 0].tolist() == [255, 255, 255]


@pytest.mark.parametrize(("opacity", "colour"), [(0, (200, 100, 50)), (255, BLUE)])
def test_a_tint_goes_from_the_picture_to_the_colour(
    opacity: int, colour: tuple[int, int, int]
) -> None:
    tinted = tint(square(200, 100, 50), BLUE, np.full((4, 6), opacity, np.uint8))

    assert tinted[2, 3].tolist() == list(colour)


def test_half_a_tint_is_half_way() -> None:
    tinted = tint(square(0, 0, 0), (200, 100, 50), np.full((4, 6), 128, np.uint8))

    assert tinted[2, 3] == pytest.approx([100, 50, 25], abs=1)


def test_a_colour_is_named_as_css_names_it() -> None:
    assert as_hex(RED) == "#d55e00"
