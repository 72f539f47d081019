"""A part that changes takes away what was fitted to the one before, and is named anew."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from logo_classifier.network.bundle import load_bundle
from logo_classifier.rules.trees import read_rules
from tests.logo_classifier.network.networks import write_bundle
from training import calibrate, rules
from training.sealing import forget_fit, seal

THRESHOLDS = dict.fromkeys(("simple", "text", "gradient", "complex"), 0.1)
METHOD = {"temperature": 2.0, "set_thresholds": THRESHOLDS}
FITTED: dict[str, Any] = {"neural_network": METHOD, "ensemble": METHOD}


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """Return a whole bundle."""
    return write_bundle(
        tmp_path / "1.2.3", rules=read_rules(), calibration=FITTED, policy={"rule_weight": 0.3}
    )


def named(bundle: Path) -> set[str]:
    digests: dict[str, str] = json.loads((bundle / "config.json").read_text())["sha256"]
    for name, digest in digests.items():
        assert hashlib.sha256((bundle / name).read_bytes()).hexdigest() == digest
    return set(digests)


def test_new_rules_take_calibration_and_policy_away(bundle: Path) -> None:
    rules.write(read_rules(), bundle)

    assert named(bundle) == {"model.onnx", "rules.json"}
    assert not (bundle / "calibration.json").exists()
    assert not (bundle / "policy.json").exists()
    loaded = load_bundle(bundle)
    assert loaded.rules is not None
    assert (loaded.rules["version"], loaded.calibration) == ("1.2.3", {})


def test_a_new_calibration_is_named_beside_the_rules(bundle: Path) -> None:
    rules.write(read_rules(), bundle)

    calibrate.write(FITTED, {"rule_weight": 0.1}, bundle)

    assert named(bundle) == {"model.onnx", "rules.json", "calibration.json", "policy.json"}
    policy = load_bundle(bundle).policy
    assert policy is not None
    assert policy.rule_weight == 0.1


def test_rules_may_come_before_the_network(tmp_path: Path) -> None:
    rules.write(read_rules(), tmp_path / "new")

    assert [path.name for path in (tmp_path / "new").iterdir()] == ["rules.json"]


def test_a_bundle_whose_parts_were_changed_by_hand_can_be_sealed_again(bundle: Path) -> None:
    (bundle / "policy.json").write_text("{}")
    forget_fit(bundle)

    seal(bundle)

    assert named(bundle) == {"model.onnx", "rules.json"}
