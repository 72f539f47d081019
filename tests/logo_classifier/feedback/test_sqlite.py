"""Answers and labels in a SQLite file that fills up, or holds what is not ours."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from logo_classifier.errors import FeedbackUnavailable
from logo_classifier.feedback.sqlite import SqliteFeedback
from tests.logo_classifier.feedback.answers import start_writer


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "feedback.db"


@pytest.fixture
def store(path: Path) -> SqliteFeedback:
    return SqliteFeedback(path)


def test_a_full_disk_is_told_and_loses_no_accepted_label(path: Path) -> None:
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))\n"
    writer = start_writer(f"sqlite:///{path}", "w", 100_000, limit)
    output, errors = writer.communicate()

    accepted = {line.split()[1] for line in output.splitlines()}

    assert "FeedbackUnavailable" in errors
    assert accepted
    kept = {item.answer.request_id for item in SqliteFeedback(path).labelled()}
    assert accepted <= kept


@pytest.mark.usefixtures("store")
def test_a_file_of_another_schema_is_refused(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")

    with pytest.raises(FeedbackUnavailable, match="schema 99"):
        SqliteFeedback(path)


def test_a_database_of_another_program_is_refused_and_stays_as_it_is(path: Path) -> None:
    path.unlink(missing_ok=True)
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE notes (text TEXT)")
    other.close()

    with pytest.raises(FeedbackUnavailable, match="another program"):
        SqliteFeedback(path)

    again = sqlite3.connect(path)
    names = [name for (name,) in again.execute("SELECT name FROM sqlite_master")]
    again.close()
    assert names == ["notes"]


def test_a_file_that_is_no_database_is_refused(path: Path) -> None:
    path.write_bytes(b"no database" * 1000)

    with pytest.raises(FeedbackUnavailable, match="not a database"):
        SqliteFeedback(path)


def test_a_store_without_wal_is_refused() -> None:
    with pytest.raises(FeedbackUnavailable, match="memory instead of wal"):
        SqliteFeedback(Path(":memory:"))
