"""Real logos whose type is agreed on, through the whole sequence."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from logo_classifier import HybridClassifier, LogoType

DATA = Path(__file__).parents[1] / "data"
GOLDEN = Path(__file__).parents[2] / "models" / "golden"
TYPES: dict[str, str] = json.loads((DATA / "golden.json").read_text("utf-8"))


def test_every_golden_picture_has_a_type_and_is_there() -> None:
    assert {path.name for path in GOLDEN.iterdir()} == set(TYPES)


def test_the_golden_pictures_show_all_types_equally_often() -> None:
    counts = Counter(TYPES.values())

    assert set(counts) == set(LogoType)
    assert len(set(counts.values())) == 1


@pytest.mark.parametrize(("name", "logo_type"), TYPES.items())
def test_a_golden_picture_gets_its_type(
    classifier: HybridClassifier, name: str, logo_type: str
) -> None:
    result = classifier.classify(GOLDEN / name)

    assert result["logo_type"] == logo_type, result["reasoning"]
    assert logo_type in result["prediction_set"]


def test_a_batch_of_the_golden_pictures_says_the_same_as_one_by_one(
    classifier: HybridClassifier,
) -> None:
    paths = [GOLDEN / name for name in TYPES]
    uncached = HybridClassifier(enable_caching=False)

    batch = uncached.classify_batch(paths)

    alone = [classifier.classify(path) for path in paths]
    assert [r["logo_type"] for r in batch] == [r["logo_type"] for r in alone]
    assert [r["confidence"] for r in batch] == pytest.approx(
        [r["confidence"] for r in alone], abs=1e-4
    )
