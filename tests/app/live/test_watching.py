"""Live answers are measured behind the service, and what they prove is adopted if allowed."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from app.config import Settings
from app.live.adoption import ledger_of
from app.live.watching import look, watch
from logo_classifier import FileLedger
from tests.e2e.test_live_calibration import fill
from tests.waiting import wait_until

MODEL = "logo-type/1.6.0"


def made(folder: Path, mode: str) -> tuple[Settings, FileLedger]:
    settings = Settings(feedback_url=f"sqlite:///{folder / 'feedback.db'}", live_calibration=mode)
    ledger = ledger_of(settings)
    assert ledger is not None
    return settings, ledger


@pytest.mark.parametrize(("mode", "is_adopted"), [("watch", False), ("apply", True)])
def test_labels_are_measured_and_adopted_only_where_that_is_allowed(
    tmp_path: Path, mode: str, *, is_adopted: bool
) -> None:
    fill(tmp_path / "feedback.db")
    settings, ledger = made(tmp_path, mode)

    look(settings, ledger, MODEL)

    of = {"model": MODEL, "route": "rule_based/rules_confident"}
    assert REGISTRY.get_sample_value("logo_live_labels", of) == 1200
    assert REGISTRY.get_sample_value("logo_live_accuracy", of) == pytest.approx(0.648, abs=0.001)
    assert (ledger.current(MODEL) is not None) is is_adopted


def test_a_folder_that_takes_no_lock_is_said_and_ends_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings, ledger = made(tmp_path / "none", "watch")

    with caplog.at_level(logging.WARNING):
        watch(settings, ledger, MODEL)
        wait_until(lambda: "live answers are not measured" in caplog.text, "it is said")
