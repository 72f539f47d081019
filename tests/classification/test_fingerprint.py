"""Prints tell apart what answers depend on."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from app.classification import fingerprint as module
from app.classification.calibration import MethodCalibration
from app.classification.fingerprint import fingerprint
from app.classification.registry import ModelBundle, load_bundle
from app.classification.routing import RoutingPolicy
from app.classification.source import Limits
from app.classification.types import Method
from tests.classification.networks import write_bundle


@pytest.fixture
def bundle(tmp_path: Path) -> ModelBundle:
    return load_bundle(write_bundle(tmp_path / "one"))


def test_a_print_is_short_and_stays_the_same() -> None:
    print_ = fingerprint("rules", RoutingPolicy(), None)

    assert print_ == fingerprint("rules", RoutingPolicy(), None)
    assert len(print_) == 32
    assert int(print_, 16) >= 0


def test_the_same_model_in_another_folder_has_the_same_print(
    bundle: ModelBundle, tmp_path: Path
) -> None:
    copy = load_bundle(shutil.copytree(tmp_path / "one", tmp_path / "two"))

    assert copy.weights != bundle.weights
    assert fingerprint(copy) == fingerprint(bundle)


def test_weights_calibration_fitted_routing_and_input_are_told_apart(bundle: ModelBundle) -> None:
    others = [
        replace(bundle, sha256="0" * 64),
        replace(bundle, calibration={Method.ENSEMBLE: MethodCalibration(temperature=2.0)}),
        replace(bundle, calibration={Method.ENSEMBLE: MethodCalibration(temperature=2.1)}),
        replace(bundle, routing={"rule_weight": 0.3}),
        replace(bundle, side_px=64),
        replace(bundle, types=bundle.types[::-1]),
        replace(bundle, version="0.2.0"),
    ]

    assert len({fingerprint(each) for each in [bundle, *others]}) == 1 + len(others)


def test_policies_and_limits_are_told_apart() -> None:
    parts = [RoutingPolicy(), RoutingPolicy(neural=0.46), Limits(), Limits(max_side_px=99), None]

    assert len({fingerprint(part) for part in parts}) == len(parts)


def fingerprint_anew(part: str) -> str:
    """Return the print as another process would have it, and leave no trace here."""
    module._code.cache_clear()
    try:
        return fingerprint(part)
    finally:
        module._code.cache_clear()


@pytest.mark.parametrize("name", ["features.py", "rules.json", "room/module.py"])
def test_another_code_of_the_library_has_another_print(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = shutil.copytree(Path(module.__file__).parent, tmp_path / "package")
    monkeypatch.setattr(module, "__file__", str(package / "fingerprint.py"))
    before = fingerprint_anew("rules")
    changed = package / name
    changed.parent.mkdir(exist_ok=True)
    with changed.open("a") as file:
        file.write("\n# measured otherwise\n")

    assert fingerprint_anew("rules") != before


def test_another_decoder_or_runtime_has_another_print(monkeypatch: pytest.MonkeyPatch) -> None:
    before = fingerprint("rules")
    monkeypatch.setattr(module, "version", lambda library: f"{library} of tomorrow")

    assert fingerprint_anew("rules") != before


def test_what_has_no_fixed_text_is_refused() -> None:
    with pytest.raises(TypeError, match="object has no fingerprint"):
        fingerprint(object())
