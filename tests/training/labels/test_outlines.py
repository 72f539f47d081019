"""Twins have one outline whatever their colours, and other pictures another."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageColor, ImageDraw

from logo_classifier.pictures.image import LoadedImage
from logo_classifier.pictures.normalising import WHITE
from logo_classifier.values import ImageFacts
from tests.training.look_alikes import example, like, random_outlines
from training.labels.outlines import ALIKE, look_alikes, outline, outline_all


def ring(ink: str, ground: str, side: int = 96) -> LoadedImage:
    picture = Image.new("RGB", (96, 96), ground)
    ImageDraw.Draw(picture).ellipse((4, 4, 91, 91), outline=ink, width=12)
    ImageDraw.Draw(picture).rectangle((40, 30, 50, 70), fill=ink)
    pixels = np.asarray(picture.resize((side, side)))
    return LoadedImage(pixels, ImageColor.getrgb(ground), ImageFacts("PNG", side, side, 0, ""))


@pytest.mark.parametrize(
    "twin",
    [ring("white", "navy"), ring("navy", "white"), ring("gold", "purple", 240)],
    ids=["inverted", "the same", "recoloured and larger"],
)
def test_a_twin_in_other_colours_has_the_same_outline(twin: LoadedImage) -> None:
    assert outline(ring("navy", "white")) @ outline(twin) > 0.97


def test_another_picture_has_another_outline() -> None:
    disc = Image.new("RGB", (96, 96), "white")
    ImageDraw.Draw(disc).polygon([(5, 90), (90, 80), (50, 5)], fill="navy")
    other = LoadedImage(np.asarray(disc), WHITE, ImageFacts("PNG", 96, 96, 0, ""))

    assert outline(ring("navy", "white")) @ outline(other) < 0.6


def test_a_picture_without_edges_is_like_none_not_even_itself() -> None:
    blank = LoadedImage(
        np.full((20, 20, 3), 255, np.uint8), WHITE, ImageFacts("PNG", 20, 20, 0, "")
    )

    assert not outline(blank).any()


def test_look_alikes_of_pictures_of_the_bench_are_named_with_them() -> None:
    first, other, third = random_outlines(3)
    learnt = [example(brand) for brand in ("near", "far", "same", "unlike")]
    outlines = np.stack([like(first, 0.9), like(first, ALIKE - 0.01), third, other])

    bench = [example("bench1"), example("bench2")]

    found = look_alikes(learnt, outlines, bench, np.stack([first, third]))

    assert found == [("near", "bench1"), ("same", "bench2")]
    assert look_alikes(learnt, outlines, [], outline_all([])) == []
