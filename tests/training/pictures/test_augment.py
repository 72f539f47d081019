"""Variations of a picture keep what its labels judge."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from logo_classifier.pictures.image import load_image
from logo_classifier.pictures.normalising import composite
from logo_classifier.pictures.pixels import Pixels
from logo_classifier.values import LogoType
from training.labels.dataset import Example
from training.pictures import augment
from training.pictures.augment import Cutout, cut_out, cut_out_picture, vary

SEEDS = range(200)
SIDE = 96

CutOut = Callable[[Image.Image], Cutout]


@pytest.fixture
def cut(tmp_path: Path) -> CutOut:
    """Return what cuts a picture out of a file of it."""

    def save_and_cut(picture: Image.Image) -> Cutout:
        return cut_out(saved(picture, tmp_path))

    return save_and_cut


def saved(picture: Image.Image, folder: Path) -> Example:
    path = folder / "picture.png"
    picture.save(path)
    return Example("one", path, LogoType.SIMPLE, (False, False, False), "train", "drawn", "one")


def letter_f(mode: str = "RGB", ink: str = "black", ground: str = "white") -> Image.Image:
    """Draw an F, which mirroring and turning over both change beyond mistaking."""
    picture = Image.new(mode, (120, 140), ground)
    pen = ImageDraw.Draw(picture)
    for box in ((10, 10, 34, 130), (10, 10, 110, 34), (10, 60, 80, 80)):
        pen.rectangle(box, fill=ink)
    return picture


def fade() -> Image.Image:
    """Draw a bar that goes from black to light grey from left to right."""
    tones = np.tile(np.linspace(0, 220, 200).astype(np.uint8), (60, 1))
    picture = Image.new("L", (220, 80), "white")
    picture.paste(Image.fromarray(tones), (10, 10))
    return picture.convert("RGB")


def variations(cutout: Cutout, side_px: int = SIDE, has_lettering: bool = True) -> list[Pixels]:
    return [vary(cutout, side_px, has_lettering, np.random.default_rng(seed)) for seed in SEEDS]


def ink_of(square: Pixels) -> NDArray[np.float64]:
    """Return how far each pixel is from the colour of the corners."""
    corners = np.median(square[[0, 0, -1, -1], [0, -1, 0, -1]], axis=0)
    return np.abs(square - corners).max(axis=2)


def lean(square: Pixels) -> tuple[float, float]:
    """Return how far the ink's centre is right of and below the middle of its box."""
    rows, columns = np.nonzero(ink_of(square) > 30)
    return (
        float(columns.mean() - (columns.min() + columns.max()) / 2),
        float(rows.mean() - (rows.min() + rows.max()) / 2),
    )


@pytest.mark.parametrize("side_px", [32, 96, 224])
@pytest.mark.parametrize("size", [(400, 12), (11, 300), (10, 10), (700, 650)])
def test_variations_are_uint8_squares_of_the_side_asked_for(
    cut: CutOut, side_px: int, size: tuple[int, int]
) -> None:
    picture = Image.new("RGB", size, "white")
    picture.paste((200, 30, 30), (2, 2, size[0] - 2, size[1] - 2))
    cutout = cut(picture)

    for seed in range(40):
        square = vary(cutout, side_px, seed % 2 == 0, np.random.default_rng(seed))
        assert square.dtype == np.uint8
        assert square.shape == (side_px, side_px, 3)
        assert square.flags["C_CONTIGUOUS"]
        assert np.ptp(square) > 40


def test_lettering_is_never_mirrored(cut: CutOut) -> None:
    leans = [lean(square) for square in variations(cut(letter_f()))]

    assert all(right < -4 for right, _ in leans)
    assert all(down < -4 for _, down in leans)


def test_pictures_without_lettering_are_mirrored_half_the_time_but_never_upside_down(
    cut: CutOut,
) -> None:
    leans = [lean(square) for square in variations(cut(letter_f()), has_lettering=False)]

    mirrored = sum(right > 4 for right, _ in leans)
    upright = sum(right < -4 for right, _ in leans)
    assert mirrored + upright == len(leans)
    assert 0.35 < mirrored / len(leans) < 0.65
    assert all(down < -4 for _, down in leans)


def test_the_whole_picture_stays_in_the_square(cut: CutOut) -> None:
    shares = [float((ink_of(square) > 30).mean()) for square in variations(cut(letter_f()))]

    assert min(shares) > 0.12
    assert max(shares) < 0.5


def test_a_fade_keeps_its_many_tones(cut: CutOut) -> None:
    tones = [len(np.unique(_middle_row(square))) for square in variations(cut(fade()))]

    assert min(tones) >= 6  # a GIF's palette
    assert np.percentile(tones, 6) >= 40


def test_a_dark_fade_never_turns_around(cut: CutOut, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(augment, "_degrade", lambda square, _: square)
    levels = np.repeat(np.linspace(0, 60, 80).round().astype(np.uint8)[None], 40, axis=0)
    dark = cut(Image.fromarray(np.pad(levels, 20, constant_values=255)).convert("RGB"))

    for seed in SEEDS:
        # With lettering it is not mirrored.
        square = vary(dark, SIDE, True, np.random.default_rng(seed))
        line = square[SIDE // 2].astype(int).mean(axis=1)
        ink = np.abs(line - line[0]) > 90
        steps = np.diff(line[ink][12:-12])
        assert (steps >= -1).all() or (steps <= 1).all()


def test_two_flat_tones_do_not_become_a_fade(cut: CutOut) -> None:
    picture = Image.new("RGB", (220, 80), "white")
    picture.paste("black", (10, 10, 110, 70))
    picture.paste((200, 200, 200), (110, 10, 210, 70))

    counts = [len(np.unique(_middle_row(square))) for square in variations(cut(picture))]

    assert np.median(counts) < 10


def _middle_row(square: Pixels) -> NDArray[np.int64]:
    """Return the tones along the middle of the bar, short of its blurred ends."""
    ink = ink_of(square) > 24
    columns = np.flatnonzero(ink.any(axis=0))
    column = int(columns[len(columns) // 2])
    start, end = columns[0] + 6, columns[-1] - 6
    row = int(np.flatnonzero(ink[:, column]).mean())
    return square[row, start:end].astype(np.int64).mean(axis=1).round().astype(np.int64)


def test_ink_on_transparency_never_vanishes_in_its_backdrop(cut: CutOut) -> None:
    for ink in ("white", "black", "#808080", "#d01030"):
        for square in variations(cut(letter_f("RGBA", ink, "#00000000"))):
            assert (ink_of(square) > 24).mean() > 0.1


def test_transparent_pictures_are_laid_over_many_colours_and_opaque_ones_are_not(
    cut: CutOut,
) -> None:
    def backdrops(cutout: Cutout) -> set[tuple[int, ...]]:
        return {tuple(square[0, 0].tolist()) for square in variations(cutout)}

    transparent, opaque = letter_f("RGBA", "#d01030", "#00000000"), letter_f()

    assert len(backdrops(cut(transparent))) > 50
    assert all(max(colour) - min(colour) < 12 for colour in backdrops(cut(opaque)))


@pytest.mark.parametrize(
    ("mode", "ink", "ground"),
    [
        ("RGB", "black", "white"),
        ("RGB", "white", "navy"),
        ("RGBA", "black", "#00000000"),
        ("RGBA", "white", "#00000000"),
    ],
)
def test_a_cutout_laid_over_its_backdrop_is_the_picture_that_serving_sees(
    tmp_path: Path, mode: str, ink: str, ground: str
) -> None:
    example = saved(letter_f(mode, ink, ground), tmp_path)

    cutout, served = cut_out(example), load_image(example.path)

    assert cutout.backdrop == served.backdrop
    assert np.array_equal(composite(cutout.rgba, cutout.backdrop), served.pixels)


def test_large_pictures_are_kept_small_with_their_aspect(cut: CutOut) -> None:
    cutout = cut(letter_f().resize((1200, 1400)))

    height, width = cutout.rgba.shape[:2]
    assert max(height, width) == 288
    assert height / width == pytest.approx(121 / 101, rel=0.02)


def test_some_variations_have_few_colours_as_a_gif_has(cut: CutOut) -> None:
    fading = np.linspace(0, 255, 100)[None, :, None] * np.ones((80, 1, 3))
    squares = variations(cut(Image.fromarray(fading.astype(np.uint8))))

    colours = [len(np.unique(square.reshape(-1, 3), axis=0)) for square in squares]

    assert 2 <= sum(count <= 48 for count in colours) <= 30


def test_a_picture_in_memory_gets_the_backdrop_that_shows_it() -> None:
    white = np.full((40, 40, 4), 255, np.uint8)
    white[10:30, 10:30, 3] = 0

    cutout = cut_out_picture(white)

    assert isinstance(cutout, Cutout)
    assert max(cutout.backdrop) < 128


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
@pytest.mark.parametrize("ink", ["black", "white"])
def test_training_and_serving_cut_out_the_same_area_on_the_same_ground(
    tmp_path: Path, mode: str, ink: str
) -> None:
    ground = "white" if mode == "RGB" and ink == "black" else "navy"
    picture = letter_f(mode, ink, ground) if mode == "RGB" else letter_f("RGBA", ink, "#0000")
    example = saved(picture, tmp_path)

    learnt, served = cut_out(example), load_image(example.path)

    assert learnt.rgba.shape[:2] == served.pixels.shape[:2]
    assert learnt.backdrop == served.backdrop
    assert (composite(learnt.rgba, learnt.backdrop) == served.pixels).all()


def disc() -> Image.Image:
    picture = Image.new("RGBA", (200, 200))
    ImageDraw.Draw(picture).ellipse((4, 4, 195, 195), fill=(20, 30, 160, 255))
    return picture


def small_variations(cutout: Cutout, least_px: int) -> list[Pixels]:
    return [vary(cutout, SIDE, False, np.random.default_rng(seed), least_px) for seed in SEEDS]


def blur(square: Pixels) -> float:
    """Return the share of the picture that is neither ink nor ground."""
    distance = ink_of(square)
    return float(((distance > 20) & (distance < distance.max() - 20)).mean())


def test_a_small_file_is_enlarged_with_soft_edges() -> None:
    pixels = np.asarray(disc().convert("RGB"))
    smalls = [
        augment._small_source(pixels, (0, 0, 0), SIDE, np.random.default_rng(seed), 14)
        for seed in SEEDS
    ]

    assert {max(small.shape[:2]) for small in smalls} == {SIDE * 30 // 32}
    assert np.median([blur(small) for small in smalls]) > 2 * blur(pixels)


def test_a_picture_that_may_not_shrink_does_not(cut: CutOut) -> None:
    cutout = cut(disc())

    for square, other in zip(
        small_variations(cutout, augment.MOST_SMALL_PX),
        variations(cutout, has_lettering=False),
        strict=True,
    ):
        assert np.array_equal(square, other)
