"""The other version judges behind the replies, and no failure of it reaches a request."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from app.trial.shadow import MOST_WAITING, Case, Judgement, Shadow
from logo_classifier import HybridClassifier, Picture
from tests.waiting import wait_until

PICTURE = Picture(Path("models/golden/moon.png").read_bytes())


class Record:
    """What a shadow has reported."""

    def __init__(self) -> None:
        self.judged: list[tuple[Case, dict[str, Any]]] = []
        self.outcomes: list[Judgement] = []

    def shadow(self, is_busy: Any = lambda: False) -> Shadow:
        return Shadow(is_busy, lambda *pair: self.judged.append(pair), self.outcomes.append)


@pytest.fixture
def record() -> Record:
    return Record()


CASE = Case(PICTURE, "auto", {}, "r-1")


def test_the_other_version_judges_the_picture(record: Record, classifier: HybridClassifier) -> None:
    record.shadow().take(CASE, classifier)

    wait_until(lambda: record.outcomes == [Judgement.JUDGED], "judged")
    ((asked, answer),) = record.judged
    assert asked.request_id == "r-1"
    assert answer["logo_type"] == "gradient"


def test_a_failure_is_counted_and_goes_nowhere(record: Record, tmp_path: Path) -> None:
    broken = HybridClassifier(tmp_path)
    shadow = record.shadow()

    shadow.take(Case(PICTURE, "neural_network", {}, "r-1"), broken)
    shadow.take(Case(Picture(b"no picture"), "auto", {}, "r-2"), broken)

    wait_until(lambda: record.outcomes == [Judgement.FAILED] * 2, "both failed")
    assert record.judged == []


def test_nothing_is_judged_while_requests_wait(
    record: Record, classifier: HybridClassifier
) -> None:
    record.shadow(lambda: True).take(CASE, classifier)

    assert record.outcomes == [Judgement.DROPPED]


def test_what_waits_is_bounded(record: Record, classifier: HybridClassifier) -> None:
    held = threading.Event()

    class Slow:
        def classify(self, *given: Any) -> dict[str, Any]:
            held.wait()
            return classifier.classify(*given)

    shadow = record.shadow()
    for _ in range(MOST_WAITING + 5):
        shadow.take(CASE, Slow())

    assert record.outcomes == [Judgement.DROPPED] * 5
    held.set()
    wait_until(lambda: len(record.outcomes) == MOST_WAITING + 5, "all are judged")
