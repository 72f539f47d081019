"""Drawn pictures of every kind, a few of each, in fonts that are at hand without a network."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.training.behaviour.pictures import Drawn
from training.behaviour.suite import FONTS, KINDS, draw_suite
from training.labels.fetch import fetch_fonts

LOGOS = 30


@pytest.fixture(scope="session")
def suite_fonts(logos: Path) -> list[Path]:
    """Return the fonts of the suite, as fetched; real ones stand behind three of the names."""
    return fetch_fonts(logos / "packages", FONTS)


@pytest.fixture(scope="session")
def drawn(suite_fonts: list[Path]) -> Drawn:
    """Return the first pictures of every kind."""
    few = [replace(kind, logos=LOGOS) for kind in KINDS]
    pictures: Drawn = {kind.name: [] for kind in KINDS}
    for case in draw_suite(suite_fonts, kinds=few):
        pictures[case.kind].append(case)
    return pictures
