"""What is drawn is what its flags say."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from logo_classifier.pictures.pixels import Pixels
from logo_classifier.values import LogoType
from training.labels.dataset import Example
from training.pictures.augment import cut_out
from training.pictures.fading import LUMA
from training.pictures.synthesis import Drawn, Symbol, Typesetter, typesetter_from

DRAWS = 240


def disc(fades: bool) -> Pixels:
    """Return a red disc on transparency, fading to blue or not."""
    rows, columns = np.mgrid[:80, :80]
    rgba = np.zeros((80, 80, 4), np.uint8)
    rgba[..., 0] = 255 - columns * 3 * fades
    rgba[..., 2] = columns * 3 * fades
    rgba[..., 3] = np.where(np.hypot(rows - 40, columns - 40) < 39, 255, 0)
    return rgba


def draws(fonts: list[Path], symbols: list[Symbol], count: int = DRAWS) -> list[Drawn]:
    typesetter = Typesetter(fonts, ["acme", "zebra", "quo"], symbols)
    return [typesetter.draw(np.random.default_rng(seed)) for seed in range(count)]


@pytest.fixture(scope="module")
def plain(fonts: list[Path]) -> list[Drawn]:
    """Return monograms and wordmarks: without symbols there are no lockups."""
    return draws(fonts, [])


def share_of_commonest(rgba: Pixels, count: int = 3) -> float:
    """Return the share of the opaque pixels that the commonest colours have."""
    ink = rgba[rgba[..., 3] > 250][:, :3]
    tallies = np.unique(ink, axis=0, return_counts=True)[1]
    return float(np.sort(tallies)[-count:].sum() / len(ink))


def test_what_is_flagged_as_fading_has_many_tones_and_the_rest_few(plain: list[Drawn]) -> None:
    fading = [share_of_commonest(one.rgba) for one in plain if one.flags[1]]
    flat = [share_of_commonest(one.rgba) for one in plain if not one.flags[1]]

    assert len(fading) > 30
    assert len(flat) > 100
    assert np.median(fading) < 0.2
    assert min(flat) > 0.7


def test_what_is_flagged_as_fading_fades_visibly(plain: list[Drawn]) -> None:
    for one in plain:
        ink = one.rgba[one.rgba[..., 3] > 250][:, :3].astype(float)
        soft = ((one.rgba[..., 3] > 20) & (one.rgba[..., 3] < 230)).mean()  # a shadow
        visible = np.ptp(ink @ LUMA) > 25 or np.ptp(ink, axis=0).max() > 60
        assert not one.flags[1] or visible or soft > 0.1


def test_symbols_of_any_size_have_edges_of_their_own_colour(fonts: list[Path]) -> None:
    yellow = disc(False)
    yellow[..., :3] = np.where(yellow[..., 3:] > 0, (250, 220, 10), 0)

    for one in draws(fonts, [Symbol(yellow, False, True)], 120):
        if one.flags[2]:
            edge = (one.rgba[..., 3] > 60) & (one.rgba[..., 3] < 200)
            bright = one.rgba[edge & (one.rgba[..., 2] < 60)][:, :2].astype(int)
            olive = (bright[:, 0] - 250 < -40) & (np.abs(bright[:, 0] * 0.88 - bright[:, 1]) < 6)
            assert not olive[bright[:, 0] > 80].any()


def test_one_letter_is_no_lettering_and_more_are(plain: list[Drawn]) -> None:
    bare = [one for one in plain if share_of_commonest(one.rgba, 1) == 1]
    wide = {True: [], False: []}  # type: dict[bool, list[float]]
    for one in bare:
        wide[one.flags[0]].append(one.rgba.shape[1] / one.rgba.shape[0])

    assert len(wide[False]) > 10
    assert max(wide[False]) < 2
    assert np.median(wide[True]) > 1.5 * np.median(wide[False])


def test_nothing_set_in_type_alone_is_complex(plain: list[Drawn]) -> None:
    assert not any(one.flags[2] for one in plain)


def test_drawings_are_trimmed_and_small(plain: list[Drawn]) -> None:
    for one in plain:
        alpha = one.rgba[..., 3]
        assert max(alpha.shape) <= 288
        assert min(line.max() for line in (alpha[0], alpha[-1], alpha[:, 0], alpha[:, -1])) > 0


def test_the_same_seed_draws_the_same(fonts: list[Path]) -> None:
    first, again = (draws(fonts, [Symbol(disc(True), True, False)], 5) for _ in range(2))

    for one, other in zip(first, again, strict=True):
        assert one.flags == other.flags
        assert np.array_equal(one.rgba, other.rgba)


def test_a_symbol_brings_its_complexity_to_its_word(fonts: list[Path]) -> None:
    flags = [one.flags for one in draws(fonts, [Symbol(disc(False), False, True)])]

    complex_ones = [one for one in flags if one[2]]
    assert len(complex_ones) > DRAWS / 5
    assert all(lettering for lettering, _, _ in complex_ones)


def test_a_fading_symbol_counts_only_where_it_is_a_notable_part_of_the_ink(
    fonts: list[Path],
) -> None:
    shares: dict[bool, list[float]] = {True: [], False: []}
    for one in draws(fonts, [Symbol(disc(True), True, True)]):
        if one.flags[2]:  # only the symbol is complex here
            shares[one.flags[1]].append(largest_part(one.rgba))

    assert len(shares[True]) > 20
    assert min(shares[True]) > 0.1
    assert all(share < 0.3 for share in shares[False])


def largest_part(rgba: Pixels) -> float:
    """Return the share of the ink in its largest connected part."""
    mask = (rgba[..., 3] > 127).astype(np.uint8)
    areas = cv2.connectedComponentsWithStats(mask)[2][1:, cv2.CC_STAT_AREA]
    return float(areas.max() / areas.sum())


def test_symbols_come_from_pictures_without_lettering_that_are_not_opaque(
    fonts: list[Path], tmp_path: Path
) -> None:
    clear, opaque = Image.fromarray(disc(False)), Image.new("RGBA", (60, 60), "red")
    rows = [
        saved(tmp_path, "clear", clear, (False, False, True)),
        saved(tmp_path, "word", clear, (True, False, True)),
        saved(tmp_path, "opaque", opaque, (False, False, True)),
        saved(tmp_path, "x1", clear, (False, False, True)),
    ]
    cutouts = [cut_out(row) for row in rows]

    def lockups(indices: list[int]) -> int:
        chosen, cut = [rows[i] for i in indices], [cutouts[i] for i in indices]
        typesetter = typesetter_from(chosen, cut, fonts)
        return sum(typesetter.draw(np.random.default_rng(s)).flags[2] for s in range(60))

    assert lockups([0]) > 10
    assert lockups([0, 3]) > 10
    assert lockups([1, 2]) == 0


def saved(folder: Path, name: str, picture: Image.Image, flags: tuple[bool, bool, bool]) -> Example:
    path = folder / f"{name}.png"
    picture.save(path)
    return Example(name, path, LogoType.SIMPLE, flags, "train", "drawn", name)


def test_symbols_and_letters_may_shrink_far_and_words_only_while_they_can_be_read(
    plain: list[Drawn],
) -> None:
    for one in plain:
        height, width = one.rgba.shape[:2]
        if not one.flags[0]:
            assert one.least_px <= 40
        if width > 4 * height:
            assert one.least_px * height / width >= 8
