"""What is drawn is what its flags say."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from app.classification.image import Pixels
from app.classification.types import LogoType
from training.augment import cut_out
from training.dataset import Example
from training.lettering import set_text
from training.synthesis import Drawn, Symbol, Typesetter, typesetter_from

DRAWS = 240


def disc(fades: bool) -> Pixels:
    """Return a red disc on transparency, fading to blue or not."""
    rows, columns = np.mgrid[:80, :80]
    rgba = np.zeros((80, 80, 4), np.uint8)
    rgba[..., 0] = 255 - columns * 3 * fades
    rgba[..., 2] = columns * 3 * fades
    rgba[..., 3] = np.where(np.hypot(rows - 40, columns - 40) < 39, 255, 0)
    return rgba


def draws(
    fonts: list[Path], symbols: list[Symbol], count: int = DRAWS, first: int = 0
) -> list[Drawn]:
    typesetter = Typesetter(fonts, ["acme", "zebra", "quo"], symbols)
    return [typesetter.draw(np.random.default_rng(first + seed)) for seed in range(count)]


@pytest.fixture(scope="module")
def plain(fonts: list[Path]) -> list[Drawn]:
    """Return drawings whose only symbols are patterns."""
    return draws(fonts, [])


def share_of_commonest(rgba: Pixels, count: int = 4) -> float:
    """Return the share of the opaque pixels that the commonest colours have."""
    ink = rgba[rgba[..., 3] > 250][:, :3]
    tallies = np.unique(ink, axis=0, return_counts=True)[1]
    return float(np.sort(tallies)[-count:].sum() / len(ink))


def test_what_is_flagged_as_fading_has_many_tones_and_the_rest_few(plain: list[Drawn]) -> None:
    fading = [share_of_commonest(one.rgba) for one in plain if one.flags[1]]
    flat = [share_of_commonest(one.rgba) for one in plain if not one.flags[1]]

    assert len(fading) > 25
    assert len(flat) > 100
    assert np.median(fading) < 0.2
    assert min(flat) > 0.6


def test_one_letter_is_no_lettering_and_more_are(
    fonts: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    typeset: list[str] = []

    def noting(text: str, font: Path, tightness: float = 1.0) -> Pixels | None:
        typeset.append(text)
        return set_text(text, font, tightness)

    monkeypatch.setattr("training.synthesis.set_text", noting)
    counts = set()
    for seed in range(DRAWS):
        typeset.clear()
        (drawn,) = draws(fonts, [], first=seed, count=1)
        letters = len("".join(typeset))
        counts.add(letters)
        assert drawn.flags[0] == (letters > 1)
    assert {0, 1, 2, 3, 4} <= counts


def test_every_kind_of_drawing_occurs(plain: list[Drawn]) -> None:
    kinds = {one.flags for one in plain}

    assert {
        (True, False, False),  # letters
        (True, True, False),  # fading letters
        (False, False, False),  # one letter, or few parts
        (False, True, False),  # one fading letter
        (False, False, True),  # many parts
        (True, False, True),  # many parts beside a word
    } <= kinds


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
    def complex_lockups(symbol: Symbol) -> int:
        return sum(one.flags == (True, False, True) for one in draws(fonts, [symbol]))

    plain, intricate = (Symbol(disc(False), False, complex=known) for known in (False, True))
    assert complex_lockups(plain) < DRAWS / 15
    assert complex_lockups(intricate) > DRAWS / 5


def test_a_fading_symbol_counts_only_where_it_is_a_notable_part_of_the_ink(
    fonts: list[Path],
) -> None:
    shares: dict[bool, list[float]] = {True: [], False: []}
    for one in draws(fonts, [Symbol(disc(True), True, True)]):
        if one.flags[0] and one.flags[2]:  # a complex symbol beside a word
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
    clear, opaque = Image.fromarray(disc(True)), Image.new("RGBA", (60, 60), "red")
    rows = [
        saved(tmp_path, "clear", clear, (False, True, True)),
        saved(tmp_path, "word", clear, (True, True, True)),
        saved(tmp_path, "opaque", opaque, (False, True, True)),
        saved(tmp_path, "x1", clear, (False, True, True)),
    ]
    cutouts = [cut_out(row) for row in rows]

    def lockups(indices: list[int]) -> int:
        chosen, cut = [rows[i] for i in indices], [cutouts[i] for i in indices]
        typesetter = typesetter_from(chosen, cut, fonts)
        drawn = (typesetter.draw(np.random.default_rng(seed)) for seed in range(60))
        return sum(all(one.flags) for one in drawn)

    assert lockups([0]) > 5
    assert lockups([0, 3]) > 5
    assert lockups([1, 2]) == 0


def saved(folder: Path, name: str, picture: Image.Image, flags: tuple[bool, bool, bool]) -> Example:
    path = folder / f"{name}.png"
    picture.save(path)
    return Example(name, path, LogoType.SIMPLE, flags, "train", "drawn", name)
