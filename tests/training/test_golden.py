"""A version's answers are recorded when it is sealed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from logo_classifier import Registry, verify
from training.golden import record
from training.sealing import write_part


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """Return a copy of the shipped version that a test may change."""
    registry = Registry()
    shutil.copytree(registry.resolve(registry.shipped()), tmp_path / "1.6.0")
    return tmp_path / "1.6.0"


def test_a_new_part_takes_the_record_away_and_a_new_record_verifies(bundle: Path) -> None:
    write_part(bundle, "policy.json", (bundle / "policy.json").read_text("utf-8"))
    assert not (bundle / "golden.json").exists()
    assert verify(bundle).recorded == 0

    write_part(bundle, "golden.json", record(bundle, 0.095).to_json())

    assert (verify(bundle).recorded, verify(bundle).problems) == (16, ())


def test_the_tolerance_grows_with_how_far_logits_move(bundle: Path) -> None:
    assert record(bundle, 1.23).log_odds > record(bundle, 0.095).log_odds


def test_a_version_without_a_calibration_is_not_recorded(bundle: Path) -> None:
    (bundle / "calibration.json").unlink()
    config = bundle / "config.json"
    config.write_text(config.read_text("utf-8").replace('"calibration.json"', '"none"'), "utf-8")

    with pytest.raises(ValueError, match="calibrate first"):
        record(bundle, 0.095)
