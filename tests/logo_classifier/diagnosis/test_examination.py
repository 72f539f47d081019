"""The examination of an installation, whole and damaged."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from logo_classifier import Finding, Level, Registry, examine

VERSION = "logo-type/1.6.0"


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """Return a copy of a version that a test may damage."""
    return Path(shutil.copytree(Registry().resolve(VERSION), tmp_path / VERSION))


def of(subject: str, findings: list[Finding]) -> Finding:
    (found,) = [finding for finding in findings if finding.subject == subject]
    return found


def test_the_shipped_version_is_good_and_its_speed_is_measured() -> None:
    findings = list(examine())

    assert of("model", findings).level is Level.OK
    assert "16 golden pictures are answered as recorded" in of("model", findings).detail
    assert " ms a picture on one thread (median of 16), " in of("speed", findings).detail
    assert [f for f in findings if f.level is Level.FAIL] == []


@pytest.mark.parametrize("part", ["model.onnx", "rules.json", "golden.json", "config.json"])
def test_a_damaged_part_fails_and_is_named(bundle: Path, part: str) -> None:
    (bundle / part).write_text("{}")

    finding = of("model", list(examine(bundle)))

    assert finding.level is Level.FAIL
    assert VERSION in finding.detail
    assert "models list" in finding.cure


def test_a_bundle_without_a_record_is_uncertain(bundle: Path) -> None:
    for path in bundle.iterdir():
        if path.name != "model.onnx":
            path.unlink()

    findings = list(examine(bundle / "model.onnx"))

    assert of("model", findings).level in (Level.WARN, Level.FAIL)
    assert of("model", findings).cure


def test_a_finding_is_a_line_and_its_cure_another() -> None:
    finding = Finding("clock", Level.WARN, "late", "set it")

    assert str(finding) == "warn  clock: late\n      -> set it"
    assert str(Finding("clock", Level.OK, "on time")) == "ok    clock: on time"
    assert finding.to_dict() == {
        "subject": "clock",
        "level": "warn",
        "detail": "late",
        "cure": "set it",
    }
