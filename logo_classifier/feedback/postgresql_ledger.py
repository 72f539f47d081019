"""The ledger of live calibrations in a PostgreSQL database."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, func, insert, select

from logo_classifier.errors import FeedbackUnavailable
from logo_classifier.feedback.ledger import (
    Change,
    LedgerUnavailable,
    require_parent_in_force,
    undone,
)
from logo_classifier.feedback.live import LiveCalibration
from logo_classifier.feedback.postgresql import CALIBRATIONS, Database


class PostgresqlLedger:
    """A CalibrationLedger that the machines of a service share; it keeps every change."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def current(self, model: str) -> LiveCalibration | None:
        """Return what is in force: one row by an index."""
        query = (
            select(CALIBRATIONS.c.calibration, CALIBRATIONS.c.at)
            .where(CALIBRATIONS.c.model == model)
            .order_by(CALIBRATIONS.c.number.desc())
            .limit(1)
        )
        with self._transaction() as connection:
            found = connection.execute(query).one_or_none()
        return _change(found.calibration, found.at).calibration if found else None

    def history(self, model: str) -> tuple[Change, ...]:
        """Return all changes, oldest first."""
        with self._transaction() as connection:
            return _history(connection, model)

    def put(self, calibration: LiveCalibration, at: float) -> None:
        """Bring a calibration into force; raise NotInForce if its parent is not in force."""
        with self._transaction() as connection:
            _take_turn(connection, calibration.model)
            require_parent_in_force(calibration, _history(connection, calibration.model))
            _append(connection, calibration.model, Change(calibration, at))

    def undo(self, model: str, at: float) -> LiveCalibration | None:
        """Bring the parent back into force and return it; raise NotInForce if there is none."""
        with self._transaction() as connection:
            _take_turn(connection, model)
            parent = undone(model, _history(connection, model))
            _append(connection, model, Change(parent, at))
        return parent

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        try:
            with self._database.transaction() as connection:
                yield connection
        except FeedbackUnavailable as error:
            raise LedgerUnavailable(f"the ledger cannot be used: {error}") from error


def _take_turn(connection: Connection, model: str) -> None:
    """Wait until no other transaction changes what is in force for a model."""
    connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"logo ledger {model}"))))


def _history(connection: Connection, model: str) -> tuple[Change, ...]:
    query = (
        select(CALIBRATIONS.c.calibration, CALIBRATIONS.c.at)
        .where(CALIBRATIONS.c.model == model)
        .order_by(CALIBRATIONS.c.number)
    )
    return tuple(_change(row.calibration, row.at) for row in connection.execute(query))


def _append(connection: Connection, model: str, change: Change) -> None:
    kept = json.dumps(change.calibration.to_dict()) if change.calibration else None
    connection.execute(insert(CALIBRATIONS).values(model=model, calibration=kept, at=change.at))


def _change(calibration: str | None, at: float) -> Change:
    if calibration is None:
        return Change(None, at)
    try:
        return Change(LiveCalibration.from_dict(json.loads(calibration)), at)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise LedgerUnavailable(f"the ledger is damaged: {error}") from error
