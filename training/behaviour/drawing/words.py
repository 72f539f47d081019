"""The words and initials of the drawn pictures.

Training sets the names of labelled brands, and a test holds that none of these words is one.
"""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).parent

WORDS = tuple((_HERE / "words.txt").read_text().split())

INITIALS = tuple((_HERE / "initials.txt").read_text().split())
"""Pairs of capitals; both letters of each are legible in any font."""
