"""One process asks for feedback about the same pictures as every other, and keeps no client."""

from __future__ import annotations

import hashlib
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from app.config import Settings
from app.feedback.feedback import Feedback
from logo_classifier import Accepted, FeedbackUnavailable, HybridClassifier, LogoType
from tests.waiting import wait_until

PICTURES = [hashlib.sha256(str(number).encode()).hexdigest() for number in range(2000)]


def settings(folder: Path, **others: Any) -> Settings:
    return Settings(feedback_url=f"sqlite:///{folder / 'feedback.db'}", **others)


def asked(of: Settings) -> list[str]:
    feedback = Feedback(of)
    return [picture for picture in PICTURES if feedback.asks(picture)]


def test_one_in_so_many_pictures_is_asked_about_and_the_same_ones_each_time(
    tmp_path: Path,
) -> None:
    few = asked(settings(tmp_path, feedback_ask=20))

    assert 60 <= len(few) <= 140
    assert asked(settings(tmp_path, feedback_ask=20)) == few
    assert asked(settings(tmp_path, feedback_ask=1)) == PICTURES


def test_keys_make_it_a_secret_which_pictures_are_asked_about(tmp_path: Path) -> None:
    keyed = settings(tmp_path, feedback_ask=20, api_keys=("first-key-0123456789",))

    assert asked(keyed) != asked(settings(tmp_path, feedback_ask=20))


def test_a_label_keeps_neither_the_key_nor_the_address(
    tmp_path: Path, classifier: HybridClassifier, make_image: Any
) -> None:
    feedback = Feedback(settings(tmp_path))
    data = make_image()
    feedback.record("one", classifier.classify(data), asked=True, data=data)
    wait_until(
        lambda: feedback.label("one", LogoType.TEXT, "192.0.2.7") is not Accepted.UNKNOWN,
        "the answer was never written",
    )
    assert feedback.label("one", LogoType.SIMPLE, "192.0.2.7") is Accepted.REPEATED
    feedback.close()

    connection = sqlite3.connect(tmp_path / "feedback.db")
    try:
        dump = "\n".join(connection.iterdump())
    finally:
        connection.close()
    assert "192.0.2.7" not in dump
    assert hashlib.sha256(b"192.0.2.7").hexdigest() not in dump


def test_a_store_that_does_not_open_costs_no_start_and_is_left_alone_for_a_moment(
    tmp_path: Path,
) -> None:
    feedback = Feedback(settings(tmp_path / "missing"))
    (tmp_path / "missing").mkdir()

    with pytest.raises(FeedbackUnavailable):
        feedback.label("one", LogoType.TEXT, "someone")


def test_a_store_that_did_not_open_is_opened_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.feedback.feedback._PAUSE_SECONDS", 0.0)
    feedback = Feedback(settings(tmp_path / "missing"))
    (tmp_path / "missing").mkdir()

    assert feedback.label("one", LogoType.TEXT, "someone") is Accepted.UNKNOWN
