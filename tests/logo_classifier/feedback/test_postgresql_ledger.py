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


def test_another_machine_sees_a_change(url: str, ledger: CalibrationLedger) -> None:
    other = open_ledger(url)
    assert other.current(MODEL) is None
    ledger.put(calibration(), 1.0)

    assert other.current(MODEL) == calibration()


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
