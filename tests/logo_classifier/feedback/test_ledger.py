"""A ledger says what is in force to all processes, and goes back."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from logo_classifier.feedback.ledger import (
    MOST_CHANGES,
    CalibrationLedger,
    FileLedger,
    LedgerUnavailable,
    NotInForce,
)
from logo_classifier.feedback.opening import open_ledger
from tests.logo_classifier.feedback.labels import MODEL, calibration


@pytest.fixture
def in_file(tmp_path: Path) -> FileLedger:
    return FileLedger(tmp_path / "live" / "calibrations.json")


@pytest.fixture(params=["file", "postgresql"])
def ledger(request: pytest.FixtureRequest) -> CalibrationLedger:
    if request.param == "file":
        in_file: FileLedger = request.getfixturevalue("in_file")
        return in_file
    return open_ledger(request.getfixturevalue("postgresql").new_database())


def test_an_empty_ledger_has_nothing_in_force(ledger: CalibrationLedger) -> None:
    assert ledger.current(MODEL) is None
    assert ledger.history(MODEL) == ()


def test_what_is_put_is_in_force_for_its_model_alone(ledger: CalibrationLedger) -> None:
    ledger.put(calibration(), 1.0)

    assert ledger.current(MODEL) == calibration()
    assert ledger.current("logo-type/0.0.0") is None


def test_undo_goes_back_step_by_step_and_is_remembered(ledger: CalibrationLedger) -> None:
    first = calibration()
    second = calibration(0.7, parent=first.id)
    ledger.put(first, 1.0)
    ledger.put(second, 2.0)

    assert ledger.undo(MODEL, 3.0) == first
    assert ledger.undo(MODEL, 4.0) is None
    with pytest.raises(NotInForce, match="nothing to undo"):
        ledger.undo(MODEL, 5.0)
    kept = [change.calibration for change in ledger.history(MODEL)]
    assert kept == [first, second, first, None]


def test_what_was_made_for_another_state_is_refused(ledger: CalibrationLedger) -> None:
    ledger.put(calibration(), 1.0)

    with pytest.raises(NotInForce, match="propose anew"):
        ledger.put(calibration(0.7), 2.0)


def test_of_those_who_put_at_once_one_wins(tmp_path: Path) -> None:
    path = tmp_path / "calibrations.json"

    def put(shift: float) -> bool:
        try:
            FileLedger(path).put(calibration(shift), 1.0)
        except NotInForce:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(put, [number / 10 for number in range(1, 9)])) == 1
    assert len(FileLedger(path).history(MODEL)) == 1


def test_another_process_sees_a_change(tmp_path: Path) -> None:
    path = tmp_path / "calibrations.json"
    FileLedger(path).put(calibration(), 1.0)
    asking = (
        "import sys; from pathlib import Path;"
        "from logo_classifier.feedback.ledger import FileLedger;"
        f"ledger = FileLedger(Path({str(path)!r}));"
        f"print(ledger.current({MODEL!r}).id, flush=True); sys.stdin.readline();"
        f"print(ledger.current({MODEL!r}).id, flush=True)"
    )
    second = calibration(0.7, parent=calibration().id)

    with subprocess.Popen(
        [sys.executable, "-c", asking], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdin
        assert other.stdout
        assert other.stdout.readline().strip() == calibration().id
        FileLedger(path).put(second, 2.0)
        other.stdin.write("\n")
        other.stdin.flush()
        assert other.stdout.readline().strip() == second.id


def test_the_oldest_changes_are_dropped_and_an_undo_still_works(
    in_file: FileLedger, tmp_path: Path
) -> None:
    first = calibration()
    second = calibration(0.7, parent=first.id)
    in_file.put(first, 1.0)
    in_file.put(second, 2.0)
    file = tmp_path / "live" / "calibrations.json"
    document = json.loads(file.read_text())
    document["models"][MODEL] = document["models"][MODEL][1:] * MOST_CHANGES
    file.write_text(json.dumps(document))

    assert in_file.undo(MODEL, 3.0) is None
    assert len(in_file.history(MODEL)) == MOST_CHANGES
    assert in_file.current(MODEL) is None


@pytest.mark.parametrize("damage", ["", "{", "[]", "{}", '{"format": 2, "models": {}}'])
def test_a_damaged_ledger_is_refused(in_file: FileLedger, tmp_path: Path, damage: str) -> None:
    in_file.put(calibration(), 1.0)
    (tmp_path / "live" / "calibrations.json").write_text(damage)

    with pytest.raises(LedgerUnavailable):
        in_file.current(MODEL)


def test_a_changed_number_is_refused(in_file: FileLedger, tmp_path: Path) -> None:
    in_file.put(calibration(), 1.0)
    file = tmp_path / "live" / "calibrations.json"
    document = json.loads(file.read_text())
    document["models"][MODEL][0]["calibration"]["curves"]["ensemble/conditional"][0] = 0.4
    file.write_text(json.dumps(document))

    with pytest.raises(LedgerUnavailable, match="digest"):
        in_file.current(MODEL)
