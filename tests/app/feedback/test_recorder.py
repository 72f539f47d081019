"""Answers are written behind the replies, in order, and never hold up who adds them."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

from app.feedback.recorder import MOST_WAITING, OtherJudgement, Recorded, Recorder
from logo_classifier import Accepted, Answer, FeedbackStore, LogoType, open_feedback
from tests.logo_classifier.feedback.labels import judged

DAY_SECONDS = 86_400
ROOT = Path(__file__).parents[3]


def answer(request_id: str, at: float | None = None) -> Answer:
    when = time.time() if at is None else at
    return Answer(request_id, request_id * 8, judged(0.8), asked=True, answered_at=when)


def url(folder: Path) -> str:
    return f"sqlite:///{folder / 'feedback.db'}"


def record(store: FeedbackStore, outcomes: Counter[Recorded], days: float = 30) -> Recorder:
    def count(outcome: Recorded, answers: int) -> None:
        outcomes[outcome] += answers

    return Recorder(lambda: store, days * DAY_SECONDS, count)


def rows(folder: Path) -> list[str]:
    connection = sqlite3.connect(folder / "feedback.db")
    try:
        found = connection.execute("SELECT request_id FROM answers ORDER BY number").fetchall()
    finally:
        connection.close()
    return [row[0] for row in found]


def test_answers_are_written_in_the_order_given(tmp_path: Path) -> None:
    outcomes: Counter[Recorded] = Counter()
    recorder = record(open_feedback(url(tmp_path)), outcomes)
    for number in range(600):
        recorder.add(answer(f"r{number}"))
    recorder.close()

    assert rows(tmp_path) == [f"r{number}" for number in range(600)]
    assert outcomes == {Recorded.WRITTEN: 600}


def test_what_the_other_version_said_joins_its_answer(tmp_path: Path) -> None:
    store = open_feedback(url(tmp_path))
    recorder = record(store, Counter())
    other = replace(judged(0.6, LogoType.SIMPLE), model="logo-type/10.0.0")
    recorder.add(answer("first"))
    recorder.add(OtherJudgement("first", other))
    recorder.close()

    assert store.add_label("first", LogoType.TEXT, "someone", 1.0) is Accepted.NEW
    assert [each.answer.other for each in store.labelled()] == [other]


def test_a_store_that_waits_for_another_costs_answers_and_not_time(tmp_path: Path) -> None:
    outcomes: Counter[Recorded] = Counter()
    recorder = record(open_feedback(url(tmp_path)), outcomes)
    other_process = sqlite3.connect(tmp_path / "feedback.db", isolation_level=None)
    other_process.execute("BEGIN IMMEDIATE")
    many = MOST_WAITING + 1000
    for number in range(many):
        recorder.add(answer(f"r{number}"))
    assert outcomes[Recorded.DROPPED] > 0
    other_process.execute("ROLLBACK")
    other_process.close()
    recorder.close()

    assert outcomes[Recorded.WRITTEN] + outcomes[Recorded.DROPPED] == many
    assert len(rows(tmp_path)) == outcomes[Recorded.WRITTEN] >= MOST_WAITING


def test_a_store_that_fails_is_counted_and_tried_again(tmp_path: Path) -> None:
    outcomes: Counter[Recorded] = Counter()
    folder = tmp_path / "later"

    def count(outcome: Recorded, answers: int) -> None:
        outcomes[outcome] += answers

    recorder = Recorder(lambda: open_feedback(url(folder)), DAY_SECONDS, count)
    recorder.add(answer("lost"))
    while not outcomes:
        time.sleep(0.01)
    folder.mkdir()
    recorder.add(answer("kept"))
    recorder.close()

    assert outcomes == {Recorded.FAILED: 1, Recorded.WRITTEN: 1}
    assert rows(folder) == ["kept"]


def test_old_answers_without_a_label_are_forgotten(tmp_path: Path) -> None:
    store = open_feedback(url(tmp_path))
    long_ago = time.time() - 3 * DAY_SECONDS
    store.add_answers([answer("old", long_ago), answer("labelled", long_ago)])
    store.add_label("labelled", LogoType.TEXT, "someone", long_ago)
    recorder = record(store, Counter(), days=2)
    recorder.add(answer("new"))
    recorder.close()

    assert rows(tmp_path) == ["labelled", "new"]


def test_what_waits_when_the_process_ends_is_still_written(tmp_path: Path) -> None:
    program = (
        "import sys; from collections import Counter; from pathlib import Path\n"
        "from logo_classifier import open_feedback\n"
        "from tests.app.feedback.test_recorder import answer, record, url\n"
        "recorder = record(open_feedback(url(Path(sys.argv[1]))), Counter())\n"
        "for number in range(1000): recorder.add(answer(f'r{number}'))\n"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=True, cwd=ROOT)

    assert len(rows(tmp_path)) == 1000
