"""Findings keep what a report shows, and no more."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from logo_classifier import Limits
from logo_classifier.cli.answering import Answered
from logo_classifier.cli.report.findings import Findings, thumbnail
from tests.conftest import ImageMaker


def answered(name: str, confidence: float, kind: str = "text") -> Answered:
    answer: dict[str, Any] = {
        "logo_type": kind,
        "confidence": confidence,
        "prediction_set": [kind, "complex"],
    }
    return Answered(name, answer)


def test_the_least_sure_are_kept_in_order_and_the_earlier_of_two_alike() -> None:
    findings = Findings("/logos", threshold=0.5, most=3)

    confidences = [0.9, 0.3, 0.5, 0.99, 0.3, 0.5]
    findings.add((answered(f"/logos/{n}", c) for n, c in enumerate(confidences)), Limits())

    assert [(shown.name, shown.confidence) for shown in findings.shown] == [
        ("1", 0.3),
        ("4", 0.3),
        ("2", 0.5),
    ]
    assert findings.pictures == 6
    assert findings.unsure["text"] == 2


def test_confidences_of_0_and_1_are_in_the_first_and_the_last_bin() -> None:
    findings = Findings("/logos", threshold=0.5, most=0)

    findings.add([answered("a", 0.0), answered("b", 1.0), answered("c", 0.52)], Limits())

    bins = findings.confidences["text"]
    assert (bins[0], bins[10], bins[-1], sum(bins)) == (1, 1, 1, 3)


def test_a_picture_that_has_gone_is_shown_without_a_thumbnail(tmp_path: Path) -> None:
    assert thumbnail(str(tmp_path / "gone.png"), Limits()) is None


def test_without_webp_thumbnails_are_png(
    tmp_path: Path, make_image: ImageMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "disc.png").write_bytes(make_image())
    monkeypatch.setattr("logo_classifier.cli.report.findings.features.check", lambda _: False)

    made = thumbnail(str(tmp_path / "disc.png"), Limits())

    assert made
    assert made.startswith("data:image/png;base64,")
