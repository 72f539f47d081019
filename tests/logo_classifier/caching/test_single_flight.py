"""Who works an answer out, and who waits for it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event, Thread

import pytest

from logo_classifier.caching import single_flight as module
from logo_classifier.caching.levels import LevelledCache
from logo_classifier.caching.lru import Cache
from logo_classifier.caching.single_flight import Claim, SingleFlight
from logo_classifier.decision.routing import degraded
from logo_classifier.options import Options
from logo_classifier.pipeline.work import repeated
from logo_classifier.values import Classification, Method
from tests.logo_classifier.pipeline.pipelines import AUTO, WIDE, answer, draw, pipeline

SHA256 = "f" * 64


@pytest.fixture
def result() -> Classification:
    return answer(pipeline(None), draw(size=WIDE))


@pytest.fixture
def answers() -> SingleFlight:
    return SingleFlight(LevelledCache("logo:results:print", Cache(1_000_000)))


def claim(answers: SingleFlight, options: Options = AUTO) -> Claim:
    asked = answers.ask(SHA256, options.variant)
    assert isinstance(asked, Claim)
    return asked


def test_the_first_to_ask_works_and_the_others_wait(
    answers: SingleFlight, result: Classification
) -> None:
    first, second, third = (claim(answers) for _ in range(3))
    with ThreadPoolExecutor(2) as pool:
        waiting = [pool.submit(answers.wait, c, None) for c in (second, third)]
        answers.keep(first, result)
        found = [each.result(10) for each in waiting]

    assert [c.leads for c in (first, second, third)] == [True, False, False]
    assert found == [result, result]
    assert answers.ask(SHA256, AUTO.variant) == result
    assert answers.cache.stats()["lookups"] == {"memory": 1, "shared": 0, "joined": 2, "miss": 1}


def test_each_method_is_worked_out_for_itself(answers: SingleFlight) -> None:
    assert claim(answers).leads
    assert claim(answers, Options(Method.ENSEMBLE)).leads
    assert not claim(answers).leads


def test_a_network_alone_is_worked_out_apart_from_one_with_features(answers: SingleFlight) -> None:
    alone = Options(Method.NEURAL_NETWORK)
    measured = Options(Method.NEURAL_NETWORK, include_features=True)

    assert claim(answers, alone).leads
    assert claim(answers, measured).leads
    assert not claim(answers, alone).leads
    assert not claim(answers, measured).leads


def test_what_circumstances_forced_is_neither_kept_nor_given_to_others(
    answers: SingleFlight, result: Classification
) -> None:
    first, second = claim(answers), claim(answers)
    answers.keep(first, replace(result, route=degraded("it is missing")))

    assert answers.wait(second, None) is None
    assert claim(answers).leads


def test_those_who_wait_work_themselves_where_the_work_failed(answers: SingleFlight) -> None:
    first, second = claim(answers), claim(answers)
    answers.release(first)

    assert answers.wait(second, None) is None
    assert claim(answers).leads


def test_a_claim_may_be_released_twice_and_spoils_no_later_one(answers: SingleFlight) -> None:
    first = claim(answers)
    answers.release(first)
    second = claim(answers)
    answers.release(first)

    assert second.leads
    assert not claim(answers).leads


def test_whoever_waits_releases_nothing(answers: SingleFlight) -> None:
    claim(answers)
    answers.release(claim(answers))

    assert not claim(answers).leads


@pytest.mark.parametrize("seconds", [0.01, 0.0, -1.0])
def test_nobody_waits_longer_than_there_is_time(answers: SingleFlight, seconds: float) -> None:
    claim(answers)

    assert answers.wait(claim(answers), seconds) is None


def test_nobody_waits_for_ever(answers: SingleFlight, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LONGEST_WAIT_SECONDS", 0.01)
    claim(answers)

    assert answers.wait(claim(answers), None) is None


def test_an_answer_that_comes_between_look_and_claim_is_found(
    answers: SingleFlight, result: Classification, monkeypatch: pytest.MonkeyPatch
) -> None:
    def recall_too_early(sha256: str, variant: str) -> None:
        answers.cache.memory.put(answers.cache.key(sha256, variant), result)

    monkeypatch.setattr(answers.cache, "recall", recall_too_early)

    assert answers.ask(SHA256, AUTO.variant) == result
    assert answers.cache.stats()["lookups"]["joined"] == 1


def test_a_look_that_fails_leaves_nobody_waiting(
    answers: SingleFlight, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_sha256: str, _variant: str) -> None:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(answers.cache, "fetch", fail)
        with pytest.raises(MemoryError):
            answers.ask(SHA256, AUTO.variant)

    assert claim(answers).leads


def test_the_shared_store_is_asked_once_for_all(
    answers: SingleFlight, result: Classification
) -> None:
    begun, go_on, asked = Event(), Event(), []

    def fetch(sha256: str, _variant: str) -> Classification:
        asked.append(sha256)
        begun.set()
        assert go_on.wait(10)
        return result

    answers.cache.fetch = fetch  # type: ignore[method-assign]
    first = Thread(target=answers.ask, args=(SHA256, AUTO.variant))
    first.start()
    assert begun.wait(10)
    second = claim(answers)
    go_on.set()
    first.join(10)

    assert answers.wait(second, None) == result
    assert asked == [SHA256]


def test_an_answer_given_again_says_so_and_tells_its_own_time(result: Classification) -> None:
    again = repeated(result, 0.5)

    assert (again.cached, again.processing_time) == (True, 0.5)
    assert again.timestamp >= result.timestamp
    assert again.verdict == result.verdict
