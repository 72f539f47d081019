"""What is in force changes replies, in every worker, and goes when it is undone."""

from __future__ import annotations

import logging
import time
from pathlib import Path

import pytest

from app.live.in_force import InForce
from logo_classifier import FileLedger, HybridClassifier, LiveCalibration, judged_of
from logo_classifier.feedback.live import KNOTS, Evidence, route
from tests.waiting import wait_until

PICTURE = Path("models/golden/moon.png")
MODEL = "logo-type/1.6.0"


@pytest.fixture(scope="module")
def answer() -> dict[str, object]:
    return HybridClassifier().classify(PICTURE)


@pytest.fixture
def ledger(tmp_path: Path) -> FileLedger:
    return FileLedger(tmp_path / "feedback.db.calibration.json")


def lower(answer: dict[str, object]) -> LiveCalibration:
    """Return a calibration that lowers the confidence of answers like this one."""
    curves = {route(judged_of(answer)): (-0.4,) * len(KNOTS)}
    evidence = Evidence(**dict.fromkeys(Evidence.__dataclass_fields__, 1))
    return LiveCalibration(MODEL, None, curves, 1.0, evidence, time.time())


def test_an_answer_is_as_it_was_while_nothing_is_in_force(
    answer: dict[str, object], ledger: FileLedger
) -> None:
    assert InForce(ledger, [MODEL]).recalibrated(answer) == answer


def test_what_comes_into_force_lowers_the_confidence_and_says_so(
    answer: dict[str, object], ledger: FileLedger
) -> None:
    in_force, live = InForce(ledger, [MODEL]), lower(answer)
    ledger.put(live, time.time())

    wait_until(lambda: "live_calibration" in in_force.recalibrated(answer), "it is in force")

    given = in_force.recalibrated(answer)
    assert given["live_calibration"] == {"id": live.id, "confidence": answer["confidence"]}
    assert given["confidence"] < answer["confidence"]
    assert given["logo_type"] == answer["logo_type"]
    assert sum(given["probabilities"].values()) == pytest.approx(1, abs=1e-5)


def test_an_undo_gives_the_versions_own_confidence_back(
    answer: dict[str, object], ledger: FileLedger
) -> None:
    ledger.put(lower(answer), time.time())
    in_force = InForce(ledger, [MODEL])
    assert in_force.recalibrated(answer) != answer

    ledger.undo(MODEL, time.time())

    wait_until(lambda: in_force.recalibrated(answer) == answer, "it is undone")


def test_another_version_is_left_alone(answer: dict[str, object], ledger: FileLedger) -> None:
    ledger.put(lower(answer), time.time())
    other = {**answer, "model": {"name": "logo-type", "version": "1.5.0"}}

    assert InForce(ledger, [MODEL, "logo-type/1.5.0"]).recalibrated(other) == other


def test_a_damaged_ledger_leaves_the_own_calibration_and_is_said_once(
    answer: dict[str, object], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    damaged = tmp_path / "feedback.db.calibration.json"
    damaged.write_text("{", "utf-8")

    with caplog.at_level(logging.ERROR):
        in_force = InForce(FileLedger(damaged), [MODEL])
        in_force.look()

    assert in_force.recalibrated(answer) == answer
    assert len([r for r in caplog.records if "own calibration serves" in r.message]) == 1


def test_a_recalibrated_answer_is_recorded_with_what_the_version_said(
    answer: dict[str, object], ledger: FileLedger
) -> None:
    live = lower(answer)
    ledger.put(live, time.time())

    judged = judged_of(InForce(ledger, [MODEL]).recalibrated(answer))

    assert judged.calibration == live.id
    assert judged.raw_confidence == answer["confidence"]
    assert judged.confidence < judged.raw_confidence
