"""After the deadline no step of a picture begins, and no further picture of a batch."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from logo_classifier import HybridClassifier, TimedOut
from logo_classifier.errors import BadParameter
from logo_classifier.options import Options, parse_options
from logo_classifier.pipeline import sequence
from logo_classifier.values import Classification
from tests.logo_classifier.pipeline.pipelines import (
    BLUE,
    GREEN,
    RED,
    CountingNetwork,
    answer,
    draw,
    pipeline,
)

STEPS = ["load_image", "extract_features", "predict"]


class Clock:
    """A monotonic clock that stands still until a step of the sequence has run."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now, self.ran = 100.0, []
        monkeypatch.setattr(time, "monotonic", lambda: self.now)
        self._monkeypatch = monkeypatch

    def advance_after(self, owner: Any, name: str, seconds: float = 0.0) -> None:
        real = getattr(owner, name)

        def call(*given: Any) -> Any:
            self.ran.append(name)
            result = real(*given)
            self.now += seconds
            return result

        self._monkeypatch.setattr(owner, name, call)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.mark.parametrize("slow", [None, *STEPS])
def test_no_step_begins_after_the_deadline(slow: str | None, clock: Clock, tmp_path: Path) -> None:
    network = CountingNetwork(tmp_path)
    for owner, name in zip((sequence, sequence, network), STEPS, strict=True):
        clock.advance_after(owner, name, 10.0 if name == slow else 0.0)
    pipe = pipeline(network)
    deadline = 105.0 if slow else 100.0

    (outcome,) = pipe.run([draw()], Options(deadline=deadline))

    # What the last step gives is given: it is finished.
    assert isinstance(outcome, Classification if slow == "predict" else TimedOut)
    assert clock.ran == (STEPS[: STEPS.index(slow) + 1] if slow else [])


def test_pictures_of_a_batch_behind_the_deadline_are_not_begun(
    clock: Clock, tmp_path: Path
) -> None:
    clock.advance_after(sequence, "load_image", 2.0)
    pictures = [draw(RED), draw(GREEN), draw(BLUE), draw((9, 9, 9))]

    outcomes = pipeline(None).run(pictures, Options(deadline=103.0))

    assert clock.ran == ["load_image"] * 2
    assert [isinstance(outcome, TimedOut) for outcome in outcomes] == [False, True, True, True]


def test_a_known_answer_is_given_after_the_deadline(clock: Clock, tmp_path: Path) -> None:
    pipe = pipeline(CountingNetwork(tmp_path))
    answer(pipe, draw())

    assert answer(pipe, draw(), Options(deadline=clock.now - 1)).cached


def test_a_picture_that_came_too_late_is_answered_when_it_comes_again(
    clock: Clock, tmp_path: Path
) -> None:
    pipe = pipeline(CountingNetwork(tmp_path))
    (late,) = pipe.run([draw()], Options(deadline=clock.now))

    assert isinstance(late, TimedOut)
    assert not answer(pipe, draw()).cached


def test_waiting_for_another_caller_ends_at_the_deadline(clock: Clock, tmp_path: Path) -> None:
    pipe = pipeline(CountingNetwork(tmp_path))
    place = pipe._receive(draw(), Options())

    assert pipe._patience(place.arrival, Options(deadline=clock.now + 3)) == 3
    assert pipe._patience(place.arrival, Options(time_budget=1.0, deadline=103.0)) < 1
    assert pipe._patience(place.arrival, Options()) is None


def test_the_calls_take_a_deadline(hybrid: HybridClassifier) -> None:
    past, later = time.monotonic() - 1, time.monotonic() + 60

    with pytest.raises(TimedOut, match="before the deadline"):
        hybrid.classify(draw(), deadline=past)
    answers = hybrid.classify_batch([draw()] * 3, deadline=past)
    assert [item["error"]["type"] for item in answers] == ["timed_out"] * 3
    assert "logo_type" in hybrid.classify(draw(), deadline=later)
    assert hybrid.get_performance_stats()["failures"]


@pytest.mark.parametrize("deadline", ["soon", float("nan"), True])
def test_a_deadline_that_is_no_time_is_refused(deadline: Any) -> None:
    with pytest.raises(BadParameter, match="deadline is a time"):
        parse_options(deadline=deadline)
