"""Pictures become the files that are named."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from PIL import Image

from training.behaviour.drawing.files import on_ground, with_margin, write_any, write_few_colours
from training.behaviour.drawing.inks import flat
from training.behaviour.drawing.symbols import symbol

RED = (200, 0, 0)
DISC = flat(symbol("disc", 60), RED)


def test_pictures_are_written_with_transparency_and_on_their_ground() -> None:
    kinds = set()
    for seed in range(30):
        file = write_any(DISC, (0, 0, 80), "disc", np.random.default_rng(seed))
        with Image.open(BytesIO(file.data)) as picture:
            kinds.add((picture.format, picture.mode, file.extension, file.note))
            corner = picture.convert("RGBA").getpixel((0, 0))
            middle = picture.convert("RGB").getpixel((picture.width // 2, picture.height // 2))
        assert np.abs(np.subtract(middle, RED)).max() < 6
        assert corner == (0, 0, 0, 0) or np.abs(np.subtract(corner, (0, 0, 80, 255))).max() < 16

    assert kinds == {
        ("PNG", "RGBA", "png", "disc transparent"),
        ("PNG", "RGB", "png", "disc"),
        ("JPEG", "RGB", "jpg", "disc"),
    }


def test_a_margin_is_a_share_of_the_longer_side() -> None:
    assert with_margin(DISC[:30], 0.1).shape == (42, 72, 4)


def test_few_colours_are_in_bands_or_in_dots() -> None:
    levels = np.broadcast_to(np.arange(200, dtype=np.uint8), (60, 200))
    fade = Image.fromarray(np.dstack([levels, levels, 255 - levels]))

    bands, dots = (
        np.asarray(Image.open(BytesIO(write_few_colours(fade, 8, dither, "").data)).convert("L"))
        for dither in (False, True)
    )

    assert (bands == bands[0]).all()
    assert not (dots == dots[0]).all()
    assert on_ground(DISC, (9, 9, 9)).getpixel((0, 0)) == (9, 9, 9)
