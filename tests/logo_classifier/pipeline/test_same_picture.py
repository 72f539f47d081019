"""The same picture several times at once: one of them is worked on."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Event

import pytest

from logo_classifier.errors import ClassifierError, InvalidImage, ModelUnavailable
from logo_classifier.options import Options
from logo_classifier.pictures.image import LoadedImage
from logo_classifier.pictures.source import Source
from logo_classifier.pipeline.desk import Desk
from logo_classifier.values import Classification, Method, Tier, Verdict
from tests.logo_classifier.pipeline.pipelines import (
    AUTO,
    BLUE,
    GREEN,
    RED,
    CountingNetwork,
    answer,
    draw,
    pipeline,
)

CALLERS = 16


class HeldNetwork(CountingNetwork):
    """Stop in each pass until it is told to go on."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.begun, self.go_on = Event(), Event()

    def predict(self, images: Sequence[LoadedImage]) -> list[Verdict]:
        self.begun.set()
        assert self.go_on.wait(30)
        return super().predict(images)


@pytest.fixture
def network(tmp_path: Path) -> CountingNetwork:
    return CountingNetwork(tmp_path)


@pytest.fixture
def held(tmp_path: Path) -> HeldNetwork:
    return HeldNetwork(tmp_path)


def classifications(outcomes: Sequence[Classification | ClassifierError]) -> list[Classification]:
    assert all(isinstance(outcome, Classification) for outcome in outcomes)
    return [outcome for outcome in outcomes if isinstance(outcome, Classification)]


def together(pipe: Desk, calls: Sequence[Sequence[Source]]) -> list[list[Classification]]:
    """Return what calls get that begin at the same moment, each in a thread of its own."""
    start = Barrier(len(calls))

    def call(sources: Sequence[Source]) -> list[Classification]:
        start.wait(30)
        return classifications(pipe.run(sources, AUTO))

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(call, calls))


def test_many_callers_at_the_same_moment_cost_one_pass(network: CountingNetwork) -> None:
    pipe = pipeline(network)

    results = [result for (result,) in together(pipe, [[draw()]] * CALLERS)]

    assert network.passes == [1]
    assert [result.cached for result in results].count(False) == 1
    assert len({str(result.verdict) for result in results}) == 1
    counted = pipe.statistics.snapshot()
    assert (counted["total_classifications"], counted["cached_results"]) == (CALLERS, CALLERS - 1)
    assert len(counted["feature_extraction_time"]) == 1


def test_whoever_comes_while_the_network_works_waits_for_its_answer(held: HeldNetwork) -> None:
    pipe = pipeline(held)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(answer, pipe, draw())
        assert held.begun.wait(10)
        second = pool.submit(answer, pipe, draw())
        time.sleep(0.05)
        held.go_on.set()
        results = [first.result(10), second.result(10)]

    assert held.passes == [1]
    assert [result.cached for result in results] == [False, True]
    assert results[1].processing_time > 0


def test_twins_in_a_batch_cost_one_place_in_the_pass(network: CountingNetwork) -> None:
    pipe = pipeline(network)
    colours = [RED, BLUE, RED, GREEN, BLUE, RED]

    results = classifications(pipe.run([draw(colour) for colour in colours], AUTO))

    assert network.passes == [3]
    assert [result.cached for result in results] == [False, False, True, False, True, True]
    alone = [answer(pipeline(network), draw(colour)).verdict for colour in colours]
    assert [result.verdict for result in results] == alone


def test_batches_that_share_pictures_crosswise_wait_for_no_one_for_ever(
    network: CountingNetwork,
) -> None:
    pictures = [draw(colour) for colour in (RED, GREEN, BLUE)]
    calls = [pictures, pictures[::-1], pictures[1:] + pictures[:1]] * 4

    results = together(pipeline(network), calls)

    assert sum(network.passes) == 3
    for call, answers in zip(calls, results, strict=True):
        assert [answers[call.index(p)].image.sha256 for p in call] == [
            a.image.sha256 for a in answers
        ]


def test_without_caches_nothing_is_shared(network: CountingNetwork) -> None:
    pipe = pipeline(network, cached=False)

    results = classifications(pipe.run([draw(), draw()], AUTO))

    assert network.passes == [2]
    assert [result.cached for result in results] == [False, False]


def test_a_network_that_fails_one_caller_is_asked_again_by_those_who_waited(
    held: HeldNetwork,
) -> None:
    pipe = pipeline(held)
    held.failure = ModelUnavailable("for now")
    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(answer, pipe, draw())
        assert held.begun.wait(10)
        others = [pool.submit(answer, pipe, draw()) for _ in range(3)]
        time.sleep(0.05)
        held.go_on.set()
        results = [each.result(10) for each in (first, *others)]

    assert {result.route.tier for result in results} == {Tier.DEGRADED}
    assert not any(result.cached for result in results)
    assert len(held.passes) == 4


def test_twins_are_each_worked_on_where_the_network_fails(network: CountingNetwork) -> None:
    network.failure = ModelUnavailable("for now")

    results = classifications(pipeline(network).run([draw(), draw(), draw()], AUTO))

    assert [result.route.tier for result in results] == [Tier.DEGRADED] * 3
    assert network.passes == [1, 2]


def test_damaged_twins_each_get_their_error(network: CountingNetwork) -> None:
    damaged = draw()[:60]

    outcomes = pipeline(network).run([damaged, draw(), damaged], AUTO)

    assert [isinstance(outcome, InvalidImage) for outcome in outcomes] == [True, False, True]


def test_a_source_that_raises_gets_its_error_and_the_one_before_it_its_answer(
    network: CountingNetwork,
) -> None:
    class Faulty:
        def read(self, _size: int = -1) -> bytes:
            raise RuntimeError

    pipe = pipeline(network)
    sources: list[Source] = [draw(), Faulty()]  # type: ignore[list-item]
    first, second = pipe.run(sources, AUTO)

    assert isinstance(first, Classification)
    assert isinstance(second, ClassifierError)
    assert answer(pipe, draw()).cached


def test_a_pass_that_raises_what_no_one_foresaw_leaves_no_one_waiting(
    network: CountingNetwork,
) -> None:
    pipe = pipeline(network)
    network.failure = RuntimeError("a defect")
    with pytest.raises(RuntimeError):
        pipe.run([draw()], AUTO)
    network.failure = None

    assert answer(pipe, draw()).verdict.method is Method.NEURAL_NETWORK


def test_a_time_budget_bounds_the_wait_for_another(held: HeldNetwork) -> None:
    pipe = pipeline(held)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(answer, pipe, draw())
        assert held.begun.wait(10)
        pipe.statistics.record_neural(4.9)
        hurried = answer(pipe, draw(), Options(time_budget=5.0))
        held.go_on.set()
        patient = first.result(10)

    assert (hurried.route.tier, hurried.cached) == (Tier.TIME_BUDGET, False)
    assert hurried.processing_time < 5.0
    assert patient.route.tier is Tier.NEURAL
    assert answer(pipe, draw()).verdict == patient.verdict
