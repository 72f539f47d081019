"""What a trace loses shows in its measures."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from benchmarks.tracing.candidates import DEFAULTS, by_preset, by_type
from benchmarks.tracing.measuring import GROUNDS, ink_box, mean_flip, measure, render
from logo_classifier import LogoType
from tests.logo_classifier.vectorising.drawn import disc

needs_butteraugli = pytest.mark.skipif(
    shutil.which("butteraugli") is None, reason="butteraugli is not installed"
)
SQUARE = '<svg xmlns="http://www.w3.org/2000/svg" width="60" height="60">{}</svg>'
INK = '<path fill="#c81e28" d="M15 15H45V45H15Z"/>'


@needs_butteraugli
def test_the_same_picture_has_no_error() -> None:
    svg = SQUARE.format(INK)

    measures = measure(svg, 0.5, render(svg, 60, 60))

    assert (measures.ssim, measures.butteraugli) == (1.0, 0.0)
    assert (measures.paths, measures.fills, measures.seconds) == (1, 1, 0.5)
    assert measures.size_bytes == len(svg)


@needs_butteraugli
def test_a_filled_ground_shows_on_the_dark() -> None:
    picture = render(SQUARE.format(INK), 60, 60)
    filled = SQUARE.format('<path fill="#ffffff" d="M0 0H60V60H0Z"/>' + INK)

    assert measure(filled, 0, picture, GROUNDS[:1]).ssim == 1.0
    assert measure(filled, 0, picture).ssim < 0.9


@needs_butteraugli
def test_our_settings_keep_a_disc_better_than_the_defaults() -> None:
    picture = disc(240)

    ours = measure(*by_type(picture, LogoType.SIMPLE), picture)
    theirs = measure(*by_preset(DEFAULTS, picture), picture)

    assert ours.ssim > theirs.ssim
    assert ours.butteraugli < theirs.butteraugli


def test_flip_sees_the_difference() -> None:
    picture = render(SQUARE.format(INK), 60, 60)

    assert mean_flip(SQUARE.format(INK), picture) == 0
    assert mean_flip(SQUARE.format(""), picture) > 0.1


def test_the_box_of_the_ink_has_a_margin() -> None:
    picture = np.zeros((100, 100, 4), np.uint8)
    picture[40:50, 60:95] = (1, 2, 3, 255)

    rows, columns = ink_box(picture)

    assert (rows.start, rows.stop) == (32, 58)
    assert (columns.start, columns.stop) == (52, 103)
