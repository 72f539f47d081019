"""Pixels that a caller holds in memory pass as the same picture in a file does."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageOps

from logo_classifier import BadDimensions, HybridClassifier, InvalidImage, InvalidInput, Picture
from logo_classifier.pictures.header import check_image, receive
from logo_classifier.pictures.image import load_image
from logo_classifier.pictures.limits import Limits

Encode = Callable[..., bytes]


@pytest.mark.parametrize(
    "mode", ["1", "L", "LA", "P", "PA", "RGB", "RGBA", "RGBX", "RGBa", "CMYK", "YCbCr", "HSV"]
)
def test_a_pillow_image_of_any_mode_is_the_picture_that_it_shows(
    mode: str, disc: Image.Image, encode: Encode
) -> None:
    image = disc.convert("RGBA").convert(mode) if mode in ("RGBa", "PA") else disc.convert(mode)

    loaded = load_image(image)

    shown = image.convert("RGBA") if mode in ("RGBa", "PA") else image.convert("RGB")
    assert np.abs(loaded.pixels.astype(int) - load_image(encode(shown)).pixels).max() <= 2
    assert loaded.facts.format == "PNG"


@pytest.mark.parametrize("channels", [None, 1, 2, 3, 4])
def test_an_array_is_the_picture_of_its_channels(
    channels: int | None, disc: Image.Image, encode: Encode
) -> None:
    mode = {None: "L", 1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}[channels]
    picture = disc.convert(mode)
    pixels = np.asarray(picture)
    if channels == 1:
        pixels = pixels[..., None]

    loaded = load_image(pixels)

    assert np.array_equal(loaded.pixels, load_image(encode(picture)).pixels)
    assert (loaded.facts.width, loaded.facts.height) == disc.size


@pytest.mark.parametrize("step", [np.s_[::-1], np.s_[:, ::-1], np.s_[::2, ::2]])
def test_an_array_need_not_be_contiguous(step: Any, disc: Image.Image) -> None:
    pixels = np.asarray(disc)[step]

    assert np.array_equal(load_image(pixels).pixels, load_image(pixels.copy()).pixels)


@pytest.mark.parametrize(
    "pixels",
    [
        np.zeros((40, 40, 3), np.float32),
        np.zeros((40, 40), np.uint16),
        np.zeros((40, 40), np.bool_),
        np.zeros((40, 40, 5), np.uint8),
        np.zeros((40, 40, 0), np.uint8),
        np.zeros((2, 40, 40, 3), np.uint8),
        np.zeros(40, np.uint8),
        np.array(7, np.uint8),
    ],
    ids=lambda pixels: f"{pixels.dtype} {pixels.shape}",
)
def test_other_arrays_are_refused_with_what_is_accepted(pixels: np.ndarray[Any, Any]) -> None:
    with pytest.raises(InvalidInput, match=r"uint8 with shape \(height, width\)"):
        load_image(pixels)


@pytest.mark.parametrize("mode", ["I", "F"])
def test_a_pillow_image_of_numbers_is_refused_with_what_to_do(mode: str) -> None:
    with pytest.raises(InvalidInput, match=f"mode {mode} must be converted to RGB"):
        load_image(Image.new(mode, (40, 40)))


def test_sides_are_checked_before_anything_is_encoded(monkeypatch: pytest.MonkeyPatch) -> None:
    def save(*_: object, **__: object) -> None:
        raise AssertionError("it was encoded")

    monkeypatch.setattr(Image.Image, "save", save)

    for source in (np.zeros((9, 40), np.uint8), np.zeros((40, 5001), np.uint8)):
        with pytest.raises(BadDimensions):
            receive(source, Limits())
    with pytest.raises(BadDimensions):
        receive(Image.new("L", (5001, 40)), Limits())


def test_an_opened_file_is_upright_and_may_be_damaged(disc: Image.Image, encode: Encode) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    data = encode(disc, "JPEG", quality=95, exif=exif)
    with Image.open(BytesIO(data)) as file:
        loaded = load_image(file)
        upright = ImageOps.exif_transpose(file)
    assert (loaded.facts.width, loaded.facts.height) == upright.size
    with Image.open(BytesIO(data[:-200])) as file, pytest.raises(InvalidImage, match="not decode"):
        load_image(file)


def test_transparency_and_metadata_of_a_pillow_image(disc: Image.Image, encode: Encode) -> None:
    plain = disc.convert("RGBA")
    named = disc.copy()
    named.info["transparency"] = (255, 255, 255)
    named.info["icc_profile"] = b"no profile"

    assert load_image(named).backdrop == (255, 255, 255)
    assert receive(disc, Limits()).sha256 == receive(disc.copy(), Limits()).sha256
    assert b"iCCP" not in receive(named, Limits()).data
    assert check_image(plain).format == "PNG"


def test_every_call_takes_them(disc: Image.Image, hybrid: HybridClassifier) -> None:
    pixels = np.asarray(disc)
    expected = hybrid.classify(disc)["probabilities"]

    answers = [
        hybrid.classify(pixels),
        hybrid.classify_safe(disc),
        hybrid.classify_with_fallbacks(pixels),
        *hybrid.classify_batch([disc, pixels, Picture(receive(disc, Limits()).data)]),
    ]

    assert [answer["probabilities"] for answer in answers] == [expected] * 6
    assert len({answer["image"]["sha256"] for answer in answers}) == 1
    assert answers[0]["image"]["sha256"] == hashlib.sha256(receive(disc, Limits()).data).hexdigest()
    hybrid.validate_input(pixels)
