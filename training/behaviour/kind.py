"""A kind of drawn pictures, and one picture of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from logo_classifier.values import LogoType
from training.behaviour.drawing.files import File
from training.behaviour.drawing.palette import Rng

Fonts = Sequence[Path]
Draw = Callable[[Fonts, int, Rng], list[File]]
"""Draws one logo, given fonts and its number in the kind, as one file or as several formats."""


@dataclass(frozen=True, slots=True)
class Kind:
    """So many logos drawn in one way, and the type that the guide gives them."""

    name: str
    truth: LogoType
    logos: int
    draw: Draw


@dataclass(frozen=True, slots=True)
class Case:
    """One drawn picture; pictures of one `group` show one logo in several formats."""

    kind: str
    group: str
    name: str
    data: bytes
    truth: LogoType
