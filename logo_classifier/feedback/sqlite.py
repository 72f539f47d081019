"""Answers and labels in one SQLite file, which the processes of one machine share.

The file must lie on a local disk: WAL needs shared memory (sqlite.org/wal.html), so it works on no
NFS. Answers are committed with synchronous=NORMAL and labels with FULL. A process that is killed
loses nothing that is committed. A power cut may take the latest answers, and no label.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import local

from logo_classifier.errors import FeedbackUnavailable
from logo_classifier.feedback.records import Accepted, Answer, Judged, LabelledAnswer
from logo_classifier.feedback.rows import labelled_answer, to_json
from logo_classifier.values import LogoType

SCHEMA_VERSION = 1

_BUSY_SECONDS = 10.0
_PIECE = 1000
"""Rows that one transaction drops, and that one query reads, so that nobody waits for long."""

_TABLES = (
    """CREATE TABLE IF NOT EXISTS answers (
        number INTEGER PRIMARY KEY, request_id TEXT NOT NULL UNIQUE, picture TEXT NOT NULL,
        judged TEXT NOT NULL, asked INTEGER NOT NULL, answered_at REAL NOT NULL, other TEXT)""",
    """CREATE TABLE IF NOT EXISTS labels (
        number INTEGER PRIMARY KEY, answer INTEGER NOT NULL REFERENCES answers (number),
        picture TEXT NOT NULL, client TEXT NOT NULL, true_label TEXT NOT NULL,
        labelled_at REAL NOT NULL, UNIQUE (picture, client))""",
    "CREATE INDEX IF NOT EXISTS answers_by_time ON answers (answered_at)",
    "CREATE INDEX IF NOT EXISTS labels_by_answer ON labels (answer)",
    "CREATE INDEX IF NOT EXISTS labels_by_time ON labels (labelled_at, number)",
)
_KEEP_ANSWER = """INSERT INTO answers (request_id, picture, judged, asked, answered_at, other)
    VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (request_id) DO NOTHING"""
_KEEP_LABEL = """INSERT INTO labels (answer, picture, client, true_label, labelled_at)
    VALUES (?, ?, ?, ?, ?) ON CONFLICT (picture, client) DO NOTHING"""
_COLUMNS = (
    "number",
    "labelled_at",
    "request_id",
    "picture",
    "judged",
    "asked",
    "answered_at",
    "other",
    "true_label",
    "client",
)
_LABELLED = """SELECT labels.number, labelled_at, request_id, answers.picture, judged, asked,
    answered_at, other, true_label, client
    FROM labels JOIN answers ON answers.number = labels.answer
    WHERE labelled_at >= ? AND (labelled_at, labels.number) > (?, ?)
    ORDER BY labelled_at, labels.number LIMIT ?"""
_FORGET = """DELETE FROM answers WHERE number IN (
    SELECT number FROM answers WHERE answered_at < ?
    AND NOT EXISTS (SELECT 1 FROM labels WHERE labels.answer = answers.number) LIMIT ?)"""


class SqliteFeedback:
    """A FeedbackStore in one SQLite file.

    Each thread of each process has a connection of its own; a fork inherits none. Raises
    FeedbackUnavailable where the file cannot be used.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connections = local()
        with self._transaction(kind="DEFERRED"):
            pass  # a file that cannot be used is told at once

    def add_answers(self, answers: Sequence[Answer]) -> None:
        """Keep answers, in one transaction; of two with one request id the first stays."""
        rows = [
            (
                answer.request_id,
                answer.picture,
                to_json(answer.judged),
                answer.asked,
                answer.answered_at,
                to_json(answer.other) if answer.other else None,
            )
            for answer in answers
        ]
        with self._transaction() as connection:
            connection.executemany(_KEEP_ANSWER, rows)

    def add_other(self, request_id: str, other: Judged) -> None:
        """Keep what the other version said of the picture of a known answer."""
        with self._transaction() as connection:
            connection.execute(
                "UPDATE answers SET other = ? WHERE request_id = ?", (to_json(other), request_id)
            )

    def add_label(self, request_id: str, true_label: LogoType, client: str, at: float) -> Accepted:
        """Keep the label that a client gives to an answer; it is on the disk when this returns."""
        with self._transaction("FULL") as connection:
            found = connection.execute(
                "SELECT number, picture FROM answers WHERE request_id = ?", (request_id,)
            ).fetchone()
            if found is None:
                return Accepted.UNKNOWN
            kept = connection.execute(_KEEP_LABEL, (*found, client, true_label.value, at))
            return Accepted.NEW if kept.rowcount else Accepted.REPEATED

    def labelled(self, since: float = 0.0) -> Iterator[LabelledAnswer]:
        """Yield the labelled answers, oldest label first; `since` is Unix time in seconds."""
        last: tuple[float, int] = (since, -1)
        while True:
            with self._transaction(kind="DEFERRED") as connection:
                rows = connection.execute(_LABELLED, (since, *last, _PIECE)).fetchall()
            for row in rows:
                yield labelled_answer(dict(zip(_COLUMNS, row, strict=True)))
            if len(rows) < _PIECE:
                return
            last = (rows[-1][1], rows[-1][0])

    def forget(self, before: float) -> int:
        """Drop answers without a label given before a Unix time; return how many."""
        dropped = 0
        while True:
            with self._transaction() as connection:
                piece = connection.execute(_FORGET, (before, _PIECE)).rowcount
            dropped += piece
            if piece < _PIECE:
                return dropped

    @contextmanager
    def _transaction(
        self, synchronous: str = "NORMAL", kind: str = "IMMEDIATE"
    ) -> Iterator[sqlite3.Connection]:
        """Yield this thread's connection in a transaction; commit it at the end of the block.

        BEGIN IMMEDIATE waits for the lock. A deferred transaction that reads first and then writes
        fails at once where another one writes (SQLITE_BUSY_SNAPSHOT), whatever the busy timeout.
        """
        try:
            connection = self._connection()
            connection.execute(f"PRAGMA synchronous = {synchronous}")
            connection.execute(f"BEGIN {kind}")
            try:
                yield connection
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
        except sqlite3.Error as error:
            raise FeedbackUnavailable(f"the store of feedback fails: {error}") from error

    def _connection(self) -> sqlite3.Connection:
        """Return the connection of this thread and process; a fork inherits none."""
        # A parent's connection stays referenced: closing it here would meddle with its files.
        mine: dict[int, sqlite3.Connection] = self._connections.__dict__.setdefault("by_pid", {})
        found = mine.get(os.getpid())
        if found is None:
            found = sqlite3.connect(self._path, timeout=_BUSY_SECONDS, isolation_level=None)
            try:
                _prepare(found)
            except (sqlite3.Error, FeedbackUnavailable):
                found.close()
                raise
            mine[os.getpid()] = found
        return found


def _prepare(connection: sqlite3.Connection) -> None:
    """Set and check WAL, and check the schema; make it in a new file."""
    # Setting the mode fails without an error where another process holds the file.
    (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode != "wal":
        raise FeedbackUnavailable(
            f"the store of feedback is in the mode {mode} instead of wal; it needs a file on a "
            "local disk"
        )
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version == 0:
        connection.execute("BEGIN IMMEDIATE")
        _require_ours(connection)
        for table in _TABLES:
            connection.execute(table)
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        connection.execute("COMMIT")
    elif version != SCHEMA_VERSION:
        raise FeedbackUnavailable(
            f"the store of feedback has the schema {version}; this release reads {SCHEMA_VERSION}"
        )


def _require_ours(connection: sqlite3.Connection) -> None:
    """Raise FeedbackUnavailable for a file with tables of another program."""
    names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    if names and "answers" not in names:
        connection.execute("ROLLBACK")
        raise FeedbackUnavailable("the file has tables of another program; name a file of its own")
