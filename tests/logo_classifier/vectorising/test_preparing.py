"""A prepared picture has what a tracer needs, and its drawing the size of the picture."""

from __future__ import annotations

import numpy as np
import pytest

from logo_classifier.vectorising.preparing import fit, prepare
from logo_classifier.vectorising.settings import Preparation
from tests.logo_classifier.vectorising.drawn import RED, disc


def test_edges_become_hard_and_a_margin_is_left() -> None:
    prepared = prepare(disc(), Preparation(scale=2, margin_px=3))

    assert prepared.shape == (96 * 2 + 6, 96 * 2 + 6, 4)
    assert set(np.unique(prepared[..., 3])) == {0, 255}
    assert not prepared[:3].any()
    assert not prepared[:, -3:].any()


def test_no_colour_of_a_transparent_pixel_bleeds_into_the_ink() -> None:
    blue_ground = disc()
    blue_ground[blue_ground[..., 3] == 0] = (0, 0, 255, 0)

    prepared = prepare(blue_ground, Preparation(scale=3))

    ink = prepared[prepared[..., 3] == 255][:, :3].astype(int)
    assert np.abs(ink - RED[:3]).max() <= 12


def test_a_faint_logo_does_not_vanish() -> None:
    faint = disc()
    faint[..., 3] = faint[..., 3] // 8

    prepared, whole = prepare(faint, Preparation()), prepare(disc(), Preparation())

    assert np.mean(prepared[..., 3] == whole[..., 3]) > 0.99


@pytest.mark.parametrize("scale", [1, 2])
def test_an_opaque_picture_gets_no_margin(scale: int) -> None:
    prepared = prepare(disc(ground=(255, 255, 255, 255)), Preparation(scale=scale))

    assert prepared.shape == (96 * scale, 96 * scale, 4)
    assert prepared[..., 3].min() == 255


def test_the_picture_itself_stays_as_it_was() -> None:
    picture = disc()
    before = picture.copy()

    prepare(picture, Preparation(scale=1))

    assert np.array_equal(picture, before)


def test_a_head_that_is_not_known_is_refused() -> None:
    with pytest.raises(ValueError, match="no head"):
        fit("<svg>", disc(), disc(), 1, 1.0)
