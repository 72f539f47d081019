"""All kinds of drawn pictures, in the order of their table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from zlib import crc32

import numpy as np

from training.behaviour.banded import BANDED
from training.behaviour.controls import CONTROLS
from training.behaviour.fading_words import FADING_WORDS
from training.behaviour.initials import INITIALS_KINDS
from training.behaviour.kind import Case, Kind
from training.behaviour.mixtures import MIXTURES
from training.behaviour.small_symbols import SMALL_SYMBOLS

KINDS: tuple[Kind, ...] = (
    *FADING_WORDS,
    *SMALL_SYMBOLS,
    *INITIALS_KINDS,
    *MIXTURES,
    *BANDED,
    *CONTROLS,
)
SEED = 1

FONTS = Path(__file__).with_name("fonts.txt")
"""A file with one `@fontsource` package of npm per line; training knows none of them."""


def draw_suite(
    fonts: Sequence[Path], seed: int = SEED, kinds: Sequence[Kind] = KINDS
) -> Iterator[Case]:
    """Yield the pictures of all kinds; the same seed and fonts give the same pictures.

    No kind and no logo depends on the ones before it.
    """
    for kind in kinds:
        for number in range(kind.logos):
            rng = np.random.default_rng([seed, crc32(kind.name.encode()), number])
            group = f"{number:03}"
            for file in kind.draw(fonts, number, rng):
                name = f"{group} {file.note}.{file.extension}".replace(" ", "-")
                yield Case(kind.name, group, name, file.data, kind.truth)
