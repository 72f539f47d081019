"""Answers and labels in a SQLite file that real processes share, kill and fill."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from logo_classifier.errors import FeedbackUnavailable
from logo_classifier.feedback.records import Accepted, Answer, Judged
from logo_classifier.feedback.sqlite import SqliteFeedback
from logo_classifier.values import LogoType, Method, Tier

ROOT = Path(__file__).parents[3]

JUDGED = Judged(
    model="logo-type/1.6.0",
    calibration="",
    method=Method.NEURAL_NETWORK,
    tier=Tier.NEURAL,
    logo_type=LogoType.TEXT,
    confidence=0.9,
    raw_confidence=0.8,
    probabilities=dict.fromkeys(LogoType, 0.25),
    prediction_set=(LogoType.TEXT, LogoType.SIMPLE),
)

WRITER = """
import sys
from pathlib import Path
from logo_classifier.feedback.sqlite import SqliteFeedback
from logo_classifier.values import LogoType
from tests.logo_classifier.feedback.test_sqlite import answer
store = SqliteFeedback(Path(sys.argv[1]))
for number in range(int(sys.argv[3])):
    name = f"{sys.argv[2]}-{number}"
    store.add_answers([answer(name, picture=name)])
    print(store.add_label(name, LogoType.TEXT, "client", 1.0).value, name, flush=True)
"""


def answer(request_id: str = "a", picture: str = "p", answered_at: float = 1.0) -> Answer:
    return Answer(request_id, picture, JUDGED, asked=True, answered_at=answered_at)


def start_writer(path: Path, name: str, count: int, limit: str = "") -> subprocess.Popen[str]:
    code = limit + WRITER
    command = (sys.executable, "-c", code, str(path), name, str(count))
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "feedback.db"


@pytest.fixture
def store(path: Path) -> SqliteFeedback:
    return SqliteFeedback(path)


def labelled_ids(path: Path) -> set[str]:
    return {item.answer.request_id for item in SqliteFeedback(path).labelled()}


def test_what_is_read_is_what_was_kept(store: SqliteFeedback) -> None:
    store.add_answers([answer()])
    store.add_other("a", JUDGED)

    assert store.add_label("a", LogoType.SIMPLE, "c", 5.0) is Accepted.NEW
    (kept,) = store.labelled()
    assert kept.answer == Answer("a", "p", JUDGED, asked=True, answered_at=1.0, other=JUDGED)
    assert (kept.true_label, kept.client, kept.labelled_at) == (LogoType.SIMPLE, "c", 5.0)
    assert not kept.right


def test_a_picture_has_one_label_of_a_client_and_the_first_stays(store: SqliteFeedback) -> None:
    store.add_answers([answer("a"), answer("b")])
    store.add_label("a", LogoType.TEXT, "c", 1.0)

    assert store.add_label("b", LogoType.SIMPLE, "c", 2.0) is Accepted.REPEATED
    assert store.add_label("b", LogoType.SIMPLE, "d", 3.0) is Accepted.NEW
    assert [item.true_label for item in store.labelled()] == [LogoType.TEXT, LogoType.SIMPLE]


def test_an_unknown_request_id_is_told(store: SqliteFeedback) -> None:
    assert store.add_label("a", LogoType.TEXT, "c", 1.0) is Accepted.UNKNOWN


def test_labels_come_in_the_order_of_their_times_over_many_reads(
    path: Path, store: SqliteFeedback
) -> None:
    names = [f"r{number}" for number in range(2_500)]
    store.add_answers([answer(name, picture=name) for name in names])
    # As many labels one by one would sync the disk as often.
    with sqlite3.connect(path) as connection:
        connection.execute(
            "INSERT INTO labels (answer, picture, client, true_label, labelled_at) "
            "SELECT number, picture, 'c', 'text', 3000 - number / 2.0 FROM answers"
        )

    times = [item.labelled_at for item in store.labelled(since=2000.0)]

    assert times == sorted(times)
    assert len(times) == 2_000


def test_only_old_answers_without_a_label_are_forgotten(store: SqliteFeedback) -> None:
    store.add_answers([answer("old"), answer("kept", "q"), answer("young", "r", 10.0)])
    store.add_label("kept", LogoType.TEXT, "c", 1.0)

    assert store.forget(5.0) == 1
    assert store.add_label("old", LogoType.TEXT, "c", 1.0) is Accepted.UNKNOWN
    assert store.add_label("young", LogoType.TEXT, "c", 1.0) is Accepted.NEW


def test_four_processes_write_at_once_and_none_is_refused(path: Path) -> None:
    writers = [start_writer(path, f"w{number}", 10) for number in range(4)]

    said = [writer.communicate() for writer in writers]

    assert [errors for _, errors in said] == [""] * 4
    assert len(labelled_ids(path)) == 40


def test_a_writer_that_is_killed_loses_no_accepted_label(path: Path) -> None:
    writer = start_writer(path, "w", 100_000)
    assert writer.stdout is not None
    first = [writer.stdout.readline() for _ in range(5)]
    os.kill(writer.pid, signal.SIGKILL)
    rest, _ = writer.communicate()

    accepted = {line.split()[1] for line in [*first, *rest.splitlines()]}

    assert writer.returncode == -signal.SIGKILL
    assert len(accepted) >= 5
    assert accepted <= labelled_ids(path)


def test_a_full_disk_is_told_and_loses_no_accepted_label(path: Path) -> None:
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))\n"
    writer = start_writer(path, "w", 100_000, limit)
    output, errors = writer.communicate()

    accepted = {line.split()[1] for line in output.splitlines()}

    assert "FeedbackUnavailable" in errors
    assert accepted
    assert accepted <= labelled_ids(path)


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
