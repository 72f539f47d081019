"""What every store of feedback promises, on a real SQLite file and a real PostgreSQL."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from logo_classifier import Accepted, FeedbackStore, LogoType, open_feedback
from logo_classifier.feedback.records import Answer
from tests.logo_classifier.feedback.answers import JUDGED, answer, start_writer


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/feedback.db"
    address: str = request.getfixturevalue("postgresql").new_database()
    return address


@pytest.fixture
def store(url: str) -> FeedbackStore:
    return open_feedback(url)


def labelled_ids(url: str) -> set[str]:
    return {item.answer.request_id for item in open_feedback(url).labelled()}


def test_what_is_read_is_what_was_kept(store: FeedbackStore) -> None:
    store.add_answers([answer()])
    store.add_other("a", JUDGED)

    assert store.add_label("a", LogoType.SIMPLE, "c", 5.0) is Accepted.NEW
    (kept,) = store.labelled()
    assert kept.answer == Answer("a", "p", JUDGED, asked=True, answered_at=1.0, other=JUDGED)
    assert (kept.true_label, kept.client, kept.labelled_at) == (LogoType.SIMPLE, "c", 5.0)
    assert not kept.right


def test_of_two_answers_with_one_request_id_the_first_stays(store: FeedbackStore) -> None:
    store.add_answers([answer("a", "first"), answer("a", "second")])
    store.add_answers([answer("a", "third")])
    store.add_label("a", LogoType.TEXT, "c", 1.0)

    assert [item.answer.picture for item in store.labelled()] == ["first"]


def test_a_picture_has_one_label_of_a_client_and_the_first_stays(store: FeedbackStore) -> None:
    store.add_answers([answer("a"), answer("b")])
    store.add_label("a", LogoType.TEXT, "c", 1.0)

    assert store.add_label("b", LogoType.SIMPLE, "c", 2.0) is Accepted.REPEATED
    assert store.add_label("b", LogoType.SIMPLE, "d", 3.0) is Accepted.NEW
    assert [item.true_label for item in store.labelled()] == [LogoType.TEXT, LogoType.SIMPLE]


def test_an_unknown_request_id_is_told(store: FeedbackStore) -> None:
    assert store.add_label("a", LogoType.TEXT, "c", 1.0) is Accepted.UNKNOWN


def test_labels_come_in_the_order_of_their_times_over_many_reads(
    store: FeedbackStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("sqlite", "postgresql"):
        monkeypatch.setattr(f"logo_classifier.feedback.{module}._PIECE", 7)
    names = [f"r{number}" for number in range(50)]
    store.add_answers([answer(name, picture=name) for name in names])
    for number, name in enumerate(names):
        store.add_label(name, LogoType.TEXT, "c", 100.0 - number // 3)

    times = [item.labelled_at for item in store.labelled(since=90.0)]

    assert times == sorted(times)
    assert len(times) == 33


def test_only_old_answers_without_a_label_are_forgotten(
    store: FeedbackStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("sqlite", "postgresql"):
        monkeypatch.setattr(f"logo_classifier.feedback.{module}._PIECE", 2)
    old = [answer(f"old{number}", f"o{number}") for number in range(5)]
    store.add_answers([*old, answer("kept", "q"), answer("young", "r", 10.0)])
    store.add_label("kept", LogoType.TEXT, "c", 1.0)

    assert store.forget(5.0) == 5
    assert store.add_label("old1", LogoType.TEXT, "c", 1.0) is Accepted.UNKNOWN
    assert store.add_label("young", LogoType.TEXT, "c", 1.0) is Accepted.NEW


def test_four_processes_write_at_once_and_none_is_refused(url: str) -> None:
    writers = [start_writer(url, f"w{number}", 10) for number in range(4)]

    said = [writer.communicate() for writer in writers]

    assert [errors for _, errors in said] == [""] * 4
    assert len(labelled_ids(url)) == 40


def test_a_writer_that_is_killed_loses_no_accepted_label(url: str) -> None:
    writer = start_writer(url, "w", 100_000)
    assert writer.stdout is not None
    first = [writer.stdout.readline() for _ in range(5)]
    os.kill(writer.pid, signal.SIGKILL)
    rest, _ = writer.communicate()

    accepted = {line.split()[1] for line in [*first, *rest.splitlines()]}

    assert writer.returncode == -signal.SIGKILL
    assert len(accepted) >= 5
    assert accepted <= labelled_ids(url)
