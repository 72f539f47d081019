"""Answers, labels and live calibrations in PostgreSQL, which the machines of a service share.

Answers are committed without waiting for the disk (synchronous_commit off,
postgresql.org/docs/current/wal-async-commit.html): a crash of the server may take the latest
third of a second of them. Labels and calibrations are on the server's disk when a call returns.
"""

from __future__ import annotations

import os
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Lock

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Double,
    Engine,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    bindparam,
    create_engine,
    delete,
    exists,
    func,
    make_url,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError

from logo_classifier.errors import FeedbackUnavailable
from logo_classifier.feedback.records import Accepted, Answer, Judged, LabelledAnswer
from logo_classifier.feedback.rows import labelled_answer, to_json
from logo_classifier.values import LogoType

SCHEMA_VERSION = 1

_PIECE = 1000
"""Rows that one transaction drops, and that one query reads."""

_CONNECTING_SECONDS = 2
_STATEMENT_MILLISECONDS = 10_000
_MAKING_THE_SCHEMA = 7_236_114_209
"""The advisory lock of who makes the tables: CREATE TABLE IF NOT EXISTS fails side by side."""

_METADATA = MetaData()
_SCHEMA = Table("logo_schema", _METADATA, Column("version", Integer, primary_key=True))
_ANSWERS = Table(
    "logo_answers",
    _METADATA,
    Column("number", BigInteger, primary_key=True),
    Column("request_id", Text, nullable=False, unique=True),
    Column("picture", Text, nullable=False),
    Column("judged", Text, nullable=False),
    Column("asked", Boolean, nullable=False),
    Column("answered_at", Double, nullable=False, index=True),
    Column("other", Text),
)
_LABELS = Table(
    "logo_labels",
    _METADATA,
    Column("number", BigInteger, primary_key=True),
    Column("answer", ForeignKey(_ANSWERS.c.number), nullable=False, index=True),
    Column("picture", Text, nullable=False),
    Column("client", Text, nullable=False),
    Column("true_label", Text, nullable=False),
    Column("labelled_at", Double, nullable=False),
    UniqueConstraint("picture", "client"),
)
Index("logo_labels_by_time", _LABELS.c.labelled_at, _LABELS.c.number)
CALIBRATIONS = Table(
    "logo_calibrations",
    _METADATA,
    Column("number", BigInteger, primary_key=True),
    Column("model", Text, nullable=False),
    Column("calibration", Text),
    Column("at", Double, nullable=False),
)
Index("logo_calibrations_by_model", CALIBRATIONS.c.model, CALIBRATIONS.c.number)


class Database:
    """The connections of one process to a database `postgresql://user:password@host/name`.

    A fork inherits none. The first transaction makes the tables where there are none. Each one
    raises FeedbackUnavailable where the server cannot be reached, refuses, or has tables of
    another release.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._lock = Lock()
        self._engines: dict[int, Engine] = {}
        self._has_tables = False

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Yield a connection in a transaction; commit it at the end of the block."""
        try:
            with self._engine().begin() as connection:
                if not self._has_tables:
                    _make_tables(connection)
                yield connection
            self._has_tables = True
        except SQLAlchemyError as error:
            # The first line alone: the rest may hold the statement, or name hosts again.
            reason = str(getattr(error, "orig", None) or error).partition("\n")[0]
            raise FeedbackUnavailable(f"the store of feedback fails: {reason}") from error

    def _engine(self) -> Engine:
        with self._lock:
            found = self._engines.get(os.getpid())
            if found is None:
                found = _open(self._url)
                self._engines[os.getpid()] = found
                weakref.finalize(self, _close, found, os.getpid())
            return found


class PostgresqlFeedback:
    """A FeedbackStore in a PostgreSQL database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        with database.transaction():
            pass  # a database that cannot be used is told at once

    def add_answers(self, answers: Sequence[Answer]) -> None:
        """Keep answers, in one transaction; of two with one request id the first stays."""
        rows = [
            {
                "request_id": answer.request_id,
                "picture": answer.picture,
                "judged": to_json(answer.judged),
                "asked": answer.asked,
                "answered_at": answer.answered_at,
                "other": to_json(answer.other) if answer.other else None,
            }
            for answer in answers
        ]
        if not rows:
            return
        with self._database.transaction() as connection:
            connection.execute(text("SET LOCAL synchronous_commit = off"))
            connection.execute(insert(_ANSWERS).on_conflict_do_nothing(), rows)

    def add_other(self, request_id: str, other: Judged) -> None:
        """Keep what the other version said of the picture of a known answer."""
        with self._database.transaction() as connection:
            connection.execute(text("SET LOCAL synchronous_commit = off"))
            connection.execute(
                update(_ANSWERS)
                .where(_ANSWERS.c.request_id == bindparam("of"))
                .values(other=bindparam("said")),
                {"of": request_id, "said": to_json(other)},
            )

    def add_label(self, request_id: str, true_label: LogoType, client: str, at: float) -> Accepted:
        """Keep the label that a client gives to an answer; it is on the disk when this returns."""
        with self._database.transaction() as connection:
            # Held until the end, so that nobody forgets the answer meanwhile.
            found = connection.execute(
                select(_ANSWERS.c.number, _ANSWERS.c.picture)
                .where(_ANSWERS.c.request_id == request_id)
                .with_for_update(key_share=True, read=True)
            ).one_or_none()
            if found is None:
                return Accepted.UNKNOWN
            kept = connection.execute(
                insert(_LABELS)
                .values(
                    answer=found.number,
                    picture=found.picture,
                    client=client,
                    true_label=true_label.value,
                    labelled_at=at,
                )
                .on_conflict_do_nothing()
                .returning(_LABELS.c.number)
            ).one_or_none()
        return Accepted.NEW if kept else Accepted.REPEATED

    def labelled(self, since: float = 0.0) -> Iterator[LabelledAnswer]:
        """Yield the labelled answers, oldest label first; `since` is Unix time in seconds."""
        last = (since, -1)
        place = tuple_(_LABELS.c.labelled_at, _LABELS.c.number)
        while True:
            query = (
                select(
                    *_LABELS.c["number", "labelled_at", "true_label", "client"],
                    *_ANSWERS.c["request_id", "picture", "judged", "asked", "answered_at", "other"],
                )
                .join(_ANSWERS, _ANSWERS.c.number == _LABELS.c.answer)
                .where(place > tuple_(*last))
                .order_by(place)
                .limit(_PIECE)
            )
            with self._database.transaction() as connection:
                rows = connection.execute(query).mappings().all()
            for row in rows:
                yield labelled_answer(dict(row))
            if len(rows) < _PIECE:
                return
            last = (rows[-1]["labelled_at"], rows[-1]["number"])

    def forget(self, before: float) -> int:
        """Drop answers without a label given before a Unix time; return how many."""
        labelled = exists().where(_LABELS.c.answer == _ANSWERS.c.number)
        old = (
            select(_ANSWERS.c.number)
            .where(_ANSWERS.c.answered_at < before, ~labelled)
            .limit(_PIECE)
            .with_for_update(skip_locked=True)  # who holds one labels it, or forgets it too
        )
        dropped = 0
        while True:
            with self._database.transaction() as connection:
                piece = connection.execute(delete(_ANSWERS).where(_ANSWERS.c.number.in_(old)))
            dropped += piece.rowcount
            if piece.rowcount < _PIECE:
                return dropped


def _open(url: str) -> Engine:
    """Return an engine that connects at its first use, and again after the server was away."""
    return create_engine(
        make_url(url).set(drivername="postgresql+psycopg"),
        pool_pre_ping=True,
        pool_size=2,
        max_overflow=8,
        pool_timeout=_CONNECTING_SECONDS,
        hide_parameters=True,
        connect_args={
            "connect_timeout": _CONNECTING_SECONDS,
            "tcp_user_timeout": _STATEMENT_MILLISECONDS,
            "application_name": "logo-classifier",
            "options": f"-c statement_timeout={_STATEMENT_MILLISECONDS}",
        },
    )


def _close(engine: Engine, owner: int) -> None:
    """Close the connections of a process, and leave those of its parent alone."""
    engine.dispose(close=os.getpid() == owner)


def _make_tables(connection: Connection) -> None:
    connection.execute(select(func.pg_advisory_xact_lock(_MAKING_THE_SCHEMA)))
    _METADATA.create_all(connection)
    versions = connection.execute(select(_SCHEMA.c.version)).scalars().all()
    if not versions:
        connection.execute(insert(_SCHEMA).values(version=SCHEMA_VERSION))
    elif versions != [SCHEMA_VERSION]:
        raise FeedbackUnavailable(
            f"the store of feedback has the schema {versions[0]}; this release reads "
            f"{SCHEMA_VERSION}"
        )
