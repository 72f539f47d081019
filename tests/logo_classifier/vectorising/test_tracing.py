"""A trace shows the picture, at its size, and holds nothing but paths."""

from __future__ import annotations

import sys
from io import BytesIO
from xml.etree import ElementTree as ET

import numpy as np
import pytest
import resvg_py
from numpy.typing import NDArray
from PIL import Image

from logo_classifier import (
    BadParameter,
    ClassifierError,
    InvalidImage,
    LogoType,
    TraceBounds,
    trace,
)
from tests.logo_classifier.vectorising.drawn import disc, png


def rendered(svg: str) -> NDArray[np.int16]:
    data = resvg_py.svg_to_bytes(svg_string=svg, skip_system_fonts=True)
    return np.asarray(Image.open(BytesIO(bytes(data))).convert("RGBA"), np.int16)


@pytest.mark.parametrize("kind", LogoType)
@pytest.mark.parametrize("side_px", [12, 96, 400])
def test_a_disc_is_a_disc_again(kind: LogoType, side_px: int) -> None:
    picture = disc(side_px)

    drawn = rendered(trace(png(picture), kind))

    assert drawn.shape == picture.shape
    ink = picture[..., 3] == 255
    assert np.abs(drawn - picture)[..., 3].mean() < 6
    assert np.median(np.abs(drawn - picture)[ink], axis=0).max() <= 8


@pytest.mark.parametrize("ink_share", [0.02, 0.5, 0.97])
def test_what_is_transparent_stays_so(ink_share: float) -> None:
    """VTracer alone fills it in a picture of little transparency."""
    picture = np.full((120, 120, 4), (20, 120, 220, 255), np.uint8)
    edge = round(60 * (1 - ink_share**0.5))
    picture[:edge] = picture[-edge:] = (0, 0, 0, 0)

    drawn = rendered(trace(png(picture), "simple"))

    assert drawn[0, :, 3].max() == 0
    assert np.abs(drawn[60, 60] - picture[60, 60]).max() <= 4


def test_a_large_picture_keeps_its_size() -> None:
    root = ET.fromstring(trace(png(disc(1600)), "simple"))  # noqa: S314 - our own

    assert (root.get("width"), root.get("height")) == ("1600", "1600")


def test_the_drawing_holds_paths_and_colours_alone() -> None:
    root = ET.fromstring(trace("models/golden/windi-css.png", "gradient"))  # noqa: S314

    assert {element.tag.rpartition("}")[2] for element in root.iter()} == {"svg", "path"}
    assert {name for path in root for name in path.attrib} == {"d", "fill", "transform"}


def test_what_is_no_picture_is_refused() -> None:
    with pytest.raises(InvalidImage):
        trace(png()[:-30], "simple")


def test_an_unknown_type_is_refused() -> None:
    with pytest.raises(BadParameter, match="'round'"):
        trace(png(), "round")


def test_without_vtracer_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "vtracer", None)

    with pytest.raises(ModuleNotFoundError, match=r"logo-classifier\[trace\]"):
        trace(png(), "simple")


def test_within_bounds_the_drawing_is_the_same() -> None:
    assert trace(png(), "complex", bounds=TraceBounds()) == trace(png(), "complex")


def test_without_vtracer_bounds_change_nothing_of_the_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("logo_classifier.vectorising.confined.find_spec", lambda name: None)

    with pytest.raises(ModuleNotFoundError, match=r"logo-classifier\[trace\]"):
        trace(png(), "simple", bounds=TraceBounds())


def test_more_than_paths_is_never_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "logo_classifier.vectorising.tracing.convert",
        lambda *_: (
            '<svg version="1.1" xmlns="http://www.w3.org/2000/svg" width="9" height="9">'
            '<path d="M0 0" fill="#000000" onload="alert(1)"/></svg>'
        ),
    )

    with pytest.raises(ClassifierError, match="more than paths and colours"):
        trace(png(), "simple", bounds=TraceBounds())
