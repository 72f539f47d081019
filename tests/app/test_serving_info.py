"""One sample of 1 tells what serves in a role; what served before is 0."""

from __future__ import annotations

from prometheus_client import REGISTRY

from app.serving_info import show_calibration, show_version

FITTED = {"name": "logo-x", "version": "2.0.0", "calibrated": True, "rules_version": "3"}


def shown(role: str) -> dict[tuple[str, str, str], float]:
    (family,) = (each for each in REGISTRY.collect() if each.name == "logo_version_info")
    return {
        (s.labels["model"], s.labels["calibration"], s.labels["rules"]): s.value
        for s in family.samples
        if s.labels["role"] == role
    }


def test_a_version_that_is_replaced_becomes_0() -> None:
    show_version("first", FITTED)
    show_version("first", {**FITTED, "version": "2.1.0", "calibrated": False})

    assert shown("first") == {("logo-x/2.0.0", "own", "3"): 0, ("logo-x/2.1.0", "none", "3"): 1}


def test_rules_alone_are_a_version_too() -> None:
    show_version("rules", {"name": None, "version": None, "rules_version": "3"})

    assert shown("rules") == {("rules", "own", "3"): 1}


def test_a_live_calibration_is_shown_and_taken_back_whenever_it_came() -> None:
    show_calibration("logo-y/1.0.0", "abc")
    show_version("live", {**FITTED, "name": "logo-y", "version": "1.0.0"})
    assert shown("live") == {("logo-y/1.0.0", "abc", "3"): 1}

    show_calibration("logo-y/1.0.0", None)

    assert shown("live") == {("logo-y/1.0.0", "abc", "3"): 0, ("logo-y/1.0.0", "own", "3"): 1}
