"""Open the store of feedback, and the ledger of live calibrations, that an address names."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from logo_classifier.errors import BadParameter
from logo_classifier.feedback.ledger import CalibrationLedger, FileLedger
from logo_classifier.feedback.records import FeedbackStore
from logo_classifier.feedback.sqlite import SqliteFeedback

if TYPE_CHECKING:
    from logo_classifier.feedback.postgresql import Database

_SQLITE = "sqlite:///"
_POSTGRESQL = ("postgresql://", "postgres://")
_LEDGER_SUFFIX = ".calibration.json"


def open_feedback(url: str) -> FeedbackStore:
    """Open the store at `sqlite:///feedback.db` or `postgresql://user:password@host/name`.

    A SQLite file, with four slashes for an absolute path, serves one machine. A database serves
    many, and needs the extra `postgresql`. Raises BadParameter for another address,
    FeedbackUnavailable for a store that cannot be used, ImportError without the extra.
    """
    if url.startswith(_POSTGRESQL):
        database = _database(url)
        from logo_classifier.feedback.postgresql import PostgresqlFeedback  # noqa: PLC0415

        return PostgresqlFeedback(database)
    return SqliteFeedback(_file(url))


def open_ledger(url: str) -> CalibrationLedger:
    """Open the ledger that belongs to a store: a file beside it, or a table in its database.

    Nothing is read yet. Raises BadParameter and ImportError as `open_feedback` does.
    """
    if url.startswith(_POSTGRESQL):
        database = _database(url)
        from logo_classifier.feedback.postgresql_ledger import PostgresqlLedger  # noqa: PLC0415

        return PostgresqlLedger(database)
    path = _file(url)
    return FileLedger(path.with_name(path.name + _LEDGER_SUFFIX))


def _file(url: str) -> Path:
    path = url.removeprefix(_SQLITE)
    if not url.startswith(_SQLITE) or not path:
        scheme = url.partition(":")[0][:20]  # the rest may hold a password
        raise BadParameter(
            "a store of feedback has an address like sqlite:///feedback.db or "
            f"postgresql://user@host/name, not {scheme}:…"
        )
    return Path(path)


def _database(url: str) -> Database:
    try:
        # An extra, imported only if it is used.
        from logo_classifier.feedback.postgresql import Database  # noqa: PLC0415
    except ImportError as error:
        raise ImportError(
            "PostgreSQL needs an extra: pip install 'logo-classifier[postgresql]'"
        ) from error
    return Database(url)
