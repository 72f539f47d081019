"""A batch is dealt out to threads and comes back in the order given."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from threading import Barrier, get_ident
from types import ModuleType

import pytest

from logo_classifier.errors import ClassifierError
from logo_classifier.pictures.image import LoadedImage
from logo_classifier.pipeline import desk, sequence
from logo_classifier.values import Classification, Verdict
from tests.logo_classifier.network.networks import write_bundle
from tests.logo_classifier.pipeline.pipelines import (
    AUTO,
    BLUE,
    GREEN,
    RED,
    CountingNetwork,
    draw,
    pipeline,
)

TYPES = {RED: "text", GREEN: "gradient", BLUE: "complex"}


@pytest.fixture
def network(tmp_path: Path) -> CountingNetwork:
    write_bundle(tmp_path)
    return CountingNetwork(tmp_path)


@pytest.mark.parametrize("threads", [1, 2, 3, 8])
@pytest.mark.parametrize("count", [1, 2, 5, 7])
def test_the_order_is_that_given_whatever_the_number_of_threads(
    network: CountingNetwork, monkeypatch: pytest.MonkeyPatch, threads: int, count: int
) -> None:
    colours = [list(TYPES)[number % 3] for number in range(count)]
    sources = [draw(colour, (30 + n, 30)) for n, colour in enumerate(colours)]

    outcomes = pipeline(network, batch_threads=threads).run_batch(sources, AUTO)

    answers = [outcome for outcome in outcomes if isinstance(outcome, Classification)]
    assert [answer.verdict.logo_type for answer in answers] == [TYPES[c] for c in colours]
    assert sum(network.passes) == count
    assert len(network.passes) == min(threads, count)


def test_threads_work_at_the_same_time(
    network: CountingNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    both_there, seen = Barrier(2, timeout=30), set[int]()
    predict = network.predict

    def meet(images: list[LoadedImage]) -> list[Verdict]:
        both_there.wait()
        seen.add(get_ident())
        return predict(images)

    monkeypatch.setattr(network, "predict", meet)

    pipeline(network).run_batch([draw(RED), draw(GREEN)], AUTO)

    assert len(seen) == 2


def test_a_picture_sent_twice_is_worked_on_once_even_by_two_threads(
    network: CountingNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:

    first, second = pipeline(network).run_batch([draw(RED), draw(RED)], AUTO)

    assert isinstance(first, Classification)
    assert isinstance(second, Classification)
    assert first.verdict == second.verdict
    assert sum(network.passes) == 1


def test_an_empty_batch_has_no_outcomes(network: CountingNetwork) -> None:
    assert pipeline(network).run_batch([], AUTO) == []


@pytest.mark.parametrize(
    ("room", "step"),
    [(desk, "receive"), (sequence, "extract_features"), (sequence, "load_image")],
)
def test_a_flaw_that_one_picture_meets_costs_the_others_nothing_and_is_logged(
    room: ModuleType,
    step: str,
    network: CountingNetwork,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    real, calls = getattr(room, step), count(1)

    def fail_once(*arguments: object) -> object:
        if next(calls) == 2:
            raise ZeroDivisionError("the inside")
        return real(*arguments)

    monkeypatch.setattr(room, step, fail_once)

    first, second, third = pipeline(network, batch_threads=1).run_batch(
        [draw(RED), draw(GREEN), draw(BLUE)], AUTO
    )

    assert isinstance(first, Classification)
    assert isinstance(third, Classification)
    assert isinstance(second, ClassifierError)
    assert (second.kind, str(second)) == ("classifier_error", "ZeroDivisionError")
    assert "the inside" in caplog.text
