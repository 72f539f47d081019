"""The ledger in a real PostgreSQL says the same to all machines."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from logo_classifier import CalibrationLedger, LedgerUnavailable, NotInForce
from logo_classifier.feedback.opening import open_ledger
from tests.databases import Cluster
from tests.logo_classifier.feedback.labels import MODEL, calibration


@pytest.fixture
def url(postgresql: Cluster) -> str:
    return postgresql.new_database()


@pytest.fixture
def ledger(url: str) -> CalibrationLedger:
    return open_ledger(url)


def test_what_is_put_is_in_force_for_its_model_alone(url: str, ledger: CalibrationLedger) -> None:
    assert ledger.current(MODEL) is None
    ledger.put(calibration(), 1.0)

    assert open_ledger(url).current(MODEL) == calibration()
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
    assert [change.calibration for change in ledger.history(MODEL)] == [first, second, first, None]


def test_of_those_who_put_at_once_one_wins(url: str) -> None:
    def put(shift: float) -> bool:
        try:
            open_ledger(url).put(calibration(shift), 1.0)
        except NotInForce:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(put, [number / 10 for number in range(1, 9)])) == 1
    assert len(open_ledger(url).history(MODEL)) == 1


def test_a_damaged_change_is_told(url: str, ledger: CalibrationLedger) -> None:
    ledger.put(calibration(), 1.0)
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE logo_calibrations SET calibration = '{}'")

    with pytest.raises(LedgerUnavailable, match="damaged"):
        ledger.current(MODEL)
