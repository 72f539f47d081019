"""The tables of a report say what was measured."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks.tracing.candidates import DEFAULTS
from benchmarks.tracing.logos import Logo
from benchmarks.tracing.reporting import BY_PICTURE, BY_TYPE, PREPARED, measure_all, tables
from benchmarks.tracing.sheet import draw
from logo_classifier import HybridClassifier, LogoType
from tests.logo_classifier.vectorising.drawn import disc

LOGOS = [Logo(kind.value, kind, disc(96)) for kind in LogoType]


@pytest.mark.skipif(shutil.which("butteraugli") is None, reason="butteraugli is not installed")
def test_every_way_is_measured_and_every_type_has_its_rows(classifier: HybridClassifier) -> None:
    report = measure_all(LOGOS, classifier, worn_count=1, flip_count=1)
    lines = tables(report).splitlines()

    for kind in LogoType:
        found = report.whole[kind]
        assert found[BY_TYPE] == found[kind.value]
        assert found[BY_TYPE][0].ssim > found[DEFAULTS][0].ssim
        for way in (DEFAULTS, "preset photo", PREPARED, BY_TYPE, BY_PICTURE):
            assert sum(line.startswith(f"| {kind.value} | {way} |") for line in lines) == 1
        assert f"| {kind.value} | {kind.value} (right) |" in "\n".join(lines)
    widths = {line.count("|") for line in lines if line.startswith("| simple | ")}
    assert widths == {4, 6, 13}


def test_the_sheet_has_a_row_a_logo(tmp_path: Path) -> None:
    path = tmp_path / "sheet.webp"

    draw(LOGOS[:2], path)

    with Image.open(path) as sheet:
        pixels = np.asarray(sheet.convert("RGB")).astype(int)
    red = (pixels[..., 0] > 150) & (pixels[..., 1] < 80)
    assert len(np.unique(np.flatnonzero(red.any(axis=1)) // 330)) == 2
    assert red.any(axis=0).sum() > 400
