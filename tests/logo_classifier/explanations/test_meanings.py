"""Every feature has a meaning in plain words."""

from __future__ import annotations

from pathlib import Path

from logo_classifier.explanations.meanings import MEANINGS
from logo_classifier.pictures.image import load_image
from logo_classifier.rules.features import extract_features

MOON = Path(__file__).parents[3] / "models" / "golden" / "moon.png"


def test_the_meanings_are_those_of_all_features() -> None:
    assert MEANINGS.keys() == extract_features(load_image(MOON)).values.keys()


def test_no_two_features_mean_the_same() -> None:
    assert len(set(MEANINGS.values())) == len(MEANINGS)
