"""What becomes of margins and size on the way to one picture."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from logo_classifier.pictures.decoding import WORKING_SIDE
from logo_classifier.pictures.image import NEEDED_SIDE_PX, LoadedImage, fit_square, load_image
from logo_classifier.pictures.normalising import WHITE
from logo_classifier.values import ImageFacts

Encode = Callable[..., bytes]
RED = (200, 30, 30)


def colour_at(image: LoadedImage, x: float, y: float) -> tuple[int, ...]:
    height, width = image.pixels.shape[:2]
    return tuple(int(v) for v in image.pixels[int(y * (height - 1)), int(x * (width - 1))])


@pytest.mark.parametrize("surround", ["white", "black", "gold"])
def test_even_margins_are_trimmed(surround: str, encode: Encode) -> None:
    picture = Image.new("RGB", (300, 200), surround)
    picture.paste(RED, (100, 20, 150, 60))
    loaded = load_image(encode(picture))
    assert loaded.pixels.shape == (40, 50, 3)
    assert (loaded.pixels == RED).all()
    assert loaded.backdrop == picture.getpixel((0, 0))


def test_the_size_in_the_facts_is_that_of_the_upload(disc: Image.Image, encode: Encode) -> None:
    loaded = load_image(encode(disc))
    assert (loaded.facts.width, loaded.facts.height) == disc.size
    assert loaded.pixels.shape == (80, 80, 3)


@pytest.mark.parametrize(
    ("mode", "format"),
    [
        ("L", "PNG"),
        ("RGB", "PNG"),
        ("RGBA", "PNG"),
        ("L", "JPEG"),
        ("RGB", "JPEG"),
        ("CMYK", "JPEG"),
    ],
)
@pytest.mark.parametrize("width", [768, 1000, 1300, 2000, 4096])
def test_a_large_picture_is_shrunk_to_below_twice_what_is_needed(
    width: int, mode: str, format: str, encode: Encode
) -> None:
    height = width * 3 // 4
    picture = Image.new("RGB", (width, height), "white")
    picture.paste("black", (0, height // 3, width // 2, height * 2 // 3))
    picture.paste("black", (width // 2, 0, width, height))
    loaded = load_image(encode(picture.convert(mode), format))
    assert NEEDED_SIDE_PX <= loaded.pixels.shape[1] < 2 * NEEDED_SIDE_PX
    assert abs(loaded.pixels.shape[0] - loaded.pixels.shape[1] * 3 / 4) <= 1
    assert np.allclose(colour_at(loaded, 0.25, 0.5), 0, atol=8)
    assert np.allclose(colour_at(loaded, 0.25, 0.1), 255, atol=8)


@pytest.mark.parametrize("size", [(190, 140), (250, 300), (383, 60)])
@pytest.mark.parametrize("margin", [0, 40, 60])
def test_a_margin_costs_no_resolution(size: tuple[int, int], margin: int, encode: Encode) -> None:
    drawn = np.random.default_rng(1).integers(0, 200, (size[1], size[0], 3), np.uint8)
    picture = Image.new("RGB", (size[0] + 2 * margin, size[1] + 2 * margin), "white")
    picture.paste(Image.fromarray(drawn), (margin, margin))

    loaded = load_image(encode(picture))

    assert np.array_equal(loaded.pixels, drawn)


@pytest.mark.parametrize("size", [(384, 100), (500, 500), (512, 384), (700, 40), (90, 511)])
def test_what_is_kept_is_halved_to_below_twice_what_is_needed(
    size: tuple[int, int], encode: Encode
) -> None:
    drawn = np.random.default_rng(1).integers(0, 200, (size[1], size[0], 3), np.uint8)

    loaded = load_image(encode(Image.fromarray(drawn)))

    assert NEEDED_SIDE_PX <= max(loaded.pixels.shape[:2]) < 2 * NEEDED_SIDE_PX
    means = drawn[: size[1] // 2 * 2, : size[0] // 2 * 2].astype(float)
    means = means.reshape(size[1] // 2, 2, size[0] // 2, 2, 3).mean(axis=(1, 3))
    assert np.abs(loaded.pixels - means).max() <= 1


def test_a_small_picture_is_never_enlarged(encode: Encode) -> None:
    picture = Image.new("RGB", (10, 12), RED)
    picture.paste("white", (0, 0, 5, 6))
    assert load_image(encode(picture)).pixels.shape == (12, 10, 3)


@pytest.mark.parametrize("side", [32, 192, 224])
@pytest.mark.parametrize("size", [(120, 40), (40, 120), (50, 50), (1200, 12)])
def test_a_square_keeps_the_aspect_and_is_padded_evenly(
    size: tuple[int, int], side: int, encode: Encode
) -> None:
    picture = Image.new("RGB", (size[0] + 40, size[1] + 40), "white")
    picture.paste(RED, (20, 20, 20 + size[0], 20 + size[1]))
    square = fit_square(load_image(encode(picture)), side)
    assert square.shape == (side, side, 3)
    assert square.dtype == np.uint8
    rows, columns = np.nonzero((square != WHITE).any(axis=2))
    width, height = np.ptp(columns) + 1, np.ptp(rows) + 1
    assert max(width, height) == side - 2 * (side // 32)
    assert width / height == pytest.approx(size[0] / size[1], rel=0.05) or min(width, height) <= 8
    for near, far in ((columns.min(), columns.max()), (rows.min(), rows.max())):
        assert abs(int(near) - int(side - 1 - far)) <= 1


@pytest.mark.parametrize("side", [160, 192, 224, 384])
@pytest.mark.parametrize("width", [300, 400, 512])
def test_a_network_sees_all_that_its_square_can_hold(width: int, side: int, encode: Encode) -> None:
    drawn = np.random.default_rng(1).integers(0, 200, (width * 3 // 4, width, 3), np.uint8)
    loaded = load_image(encode(Image.fromarray(drawn)), needed_side_px=side)

    square = fit_square(loaded, side)

    whole = fit_square(LoadedImage(drawn, loaded.backdrop, loaded.facts), side)
    assert np.array_equal(square, whole)


@pytest.mark.parametrize(("width", "sharp"), [(76, True), (132, False)])
def test_small_pictures_keep_their_letters_apart(encode: Encode, width: int, sharp: bool) -> None:
    picture = Image.new("L", (width, 20), 0)
    for x in range(0, width, 8):
        picture.paste(200, (x, 0, x + 4, 20))

    square = fit_square(load_image(encode(picture.convert("RGB"))), 192)

    # Straight lines between samples never get brighter than they are; cubics do beside edges.
    assert (int(square.max()) > 200) is sharp


def test_margins_that_are_even_but_for_noise_are_trimmed(encode: Encode) -> None:
    noise = np.random.default_rng(5).integers(244, 252, (80, 120, 3), np.uint8)
    picture = Image.fromarray(noise)
    picture.paste(RED, (30, 20, 90, 60))
    loaded = load_image(encode(picture))
    assert loaded.pixels.shape == (40, 60, 3)
    assert np.allclose(loaded.backdrop, 248, atol=4)


def test_corners_that_differ_in_one_channel_are_no_margin(encode: Encode) -> None:
    picture = Image.new("RGB", (60, 40), (0, 255, 0))
    picture.paste((0, 255, 255), (0, 0, 60, 20))
    loaded = load_image(encode(picture))
    assert loaded.backdrop == WHITE
    assert loaded.pixels.shape == (40, 60, 3)


@pytest.mark.parametrize("width", [WORKING_SIDE, 2 * WORKING_SIDE - 4])
def test_fine_lines_are_averaged_rather_than_dropped_where_a_picture_shrinks(
    width: int, encode: Encode
) -> None:
    lines = np.zeros((80, width), np.uint8)
    lines[:, ::2] = 255
    lines[:10] = 0
    loaded = load_image(encode(Image.fromarray(lines)))
    halved = loaded.pixels[len(loaded.pixels) // 2]
    shrunk = fit_square(loaded, 200)[100] if width == WORKING_SIDE else halved
    inner = shrunk[20:-20].astype(int)
    assert np.abs(inner - 127).max() < 50


@pytest.mark.parametrize("size", [(1, 1), (2, 2), (2, 1), (3, 3), (50, 20)])
def test_the_longest_side_fills_the_square_however_small_the_ink_is(size: tuple[int, int]) -> None:
    pixels = np.zeros((size[1], size[0], 3), np.uint8)
    facts = ImageFacts("PNG", 100, 100, 0, "")

    square = fit_square(LoadedImage(pixels, (255, 255, 255), facts), 192)

    columns = np.flatnonzero((square < 128).all(axis=2).any(axis=0))
    assert len(columns) == 180
