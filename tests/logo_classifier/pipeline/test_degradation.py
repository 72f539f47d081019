"""Short of time, of a network or of memory, the rules answer and the reply says so."""

from __future__ import annotations

import hashlib
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from logo_classifier.errors import ModelUnavailable, OutOfMemory, UnsupportedFormat
from logo_classifier.options import Options
from logo_classifier.pictures.header import Picture
from logo_classifier.pictures.image import LoadedImage, load_image
from logo_classifier.values import Classification, Judgement, LogoType, Method, Tier
from tests.logo_classifier.pipeline.pipelines import (
    AUTO,
    BLUE,
    RED,
    WIDE,
    CountingNetwork,
    answer,
    draw,
    pipeline,
)


@pytest.fixture
def network(tmp_path: Path) -> CountingNetwork:
    return CountingNetwork(tmp_path)


@pytest.mark.parametrize("method", [None, Method.NEURAL_NETWORK, Method.ENSEMBLE])
def test_a_budget_too_small_for_the_network_says_so_and_is_not_cached(
    network: CountingNetwork, method: Method | None
) -> None:
    pipe = pipeline(network)
    pipe.statistics.record_neural(30.0)

    hurried = answer(pipe, draw(), Options(method, time_budget=20.0))
    patient = answer(pipe, draw(), Options(method))

    assert (hurried.route.tier, hurried.verdict.method) == (Tier.TIME_BUDGET, Method.RULE_BASED)
    assert "30000.0 ms" in hurried.route.reason
    assert (patient.cached, patient.verdict.method is Method.RULE_BASED) == (False, False)
    assert network.passes == [1]


def test_a_budget_already_spent_does_not_try_a_network_of_unknown_speed(
    network: CountingNetwork,
) -> None:
    result = answer(pipeline(network), draw(), Options(time_budget=1e-9))

    assert result.route.tier is Tier.TIME_BUDGET
    assert network.passes == []


def test_a_budget_that_suffices_changes_nothing(network: CountingNetwork) -> None:
    pipe = pipeline(network)
    pipe.statistics.record_neural(0.001)

    result = answer(pipe, draw(), Options(time_budget=60.0))

    assert result.route.tier is Tier.NEURAL
    assert answer(pipe, draw()).cached


@pytest.mark.parametrize("confidence", [0.5, 0.4])
@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (ModelUnavailable("the network gave no finite logits"), "no finite logits"),
        (MemoryError(), "memory is short"),
    ],
)
def test_a_network_that_fails_leaves_the_answer_to_the_rules(
    network: CountingNetwork, failure: Exception, said: str, confidence: float
) -> None:
    network.failure = failure

    result = answer(pipeline(network, confidence), draw())

    assert (result.route.tier, result.route.method) == (Tier.DEGRADED, Method.RULE_BASED)
    assert said in result.route.reason
    assert result.verdict.method is Method.RULE_BASED
    assert result.verdict.logo_type is LogoType.SIMPLE
    assert result.verdict.confidence == pytest.approx(confidence)


def test_an_answer_given_in_distress_is_not_repeated_when_the_network_is_back(
    network: CountingNetwork,
) -> None:
    pipe = pipeline(network)
    network.failure = ModelUnavailable("for now")
    answer(pipe, draw())
    network.failure = None

    result = answer(pipe, draw())

    assert (result.cached, result.verdict.method) == (False, Method.NEURAL_NETWORK)


def test_a_failing_pass_spoils_nothing_that_the_rules_settled(network: CountingNetwork) -> None:
    network.failure = MemoryError()

    outcomes = pipeline(network).run([draw(RED, WIDE), draw(), b"broken", draw(BLUE)], AUTO)

    tiers = [o.route.tier if isinstance(o, Classification) else None for o in outcomes]
    assert tiers == [Tier.RULES_CONFIDENT, Tier.DEGRADED, None, Tier.DEGRADED]
    assert network.passes == [2]


@pytest.mark.parametrize("method", [Method.NEURAL_NETWORK, Method.ENSEMBLE])
@pytest.mark.parametrize("failure", [ModelUnavailable("for now"), MemoryError()])
def test_a_request_for_the_network_is_not_answered_by_rules_when_it_fails(
    network: CountingNetwork, failure: Exception, method: Method
) -> None:
    network.failure = failure

    (outcome,) = pipeline(network).run([draw()], Options(method))

    assert isinstance(outcome, ModelUnavailable)


def test_a_pass_that_failed_does_not_count_as_a_measurement(network: CountingNetwork) -> None:
    network.failure = MemoryError()
    pipe = pipeline(network)

    answer(pipe, draw())

    assert pipe.statistics.neural_seconds() is None


def test_without_a_network_the_rules_answer_and_say_why() -> None:
    pipe = pipeline(None)

    result = answer(pipe, draw())

    assert (result.route.tier, result.verdict.method) == (Tier.DEGRADED, Method.RULE_BASED)
    assert "it is not loaded" in result.route.reason
    assert (result.model_name, result.model_version) == (None, None)
    assert not answer(pipe, draw()).cached


def test_what_the_rules_settle_needs_no_network() -> None:
    result = answer(pipeline(None), draw(RED, WIDE))

    assert result.route.tier is Tier.RULES_CONFIDENT


@pytest.mark.parametrize("method", [Method.NEURAL_NETWORK, Method.ENSEMBLE])
def test_a_network_asked_for_by_name_and_missing_is_an_error(method: Method) -> None:
    pipe = pipeline(None)

    (outcome,) = pipe.run([draw()], Options(method))

    assert isinstance(outcome, ModelUnavailable)
    assert method.value in str(outcome)
    assert "it is missing" in str(outcome)
    assert pipe.statistics.snapshot()["failures"] == {"model_unavailable": 1}


def test_rules_asked_for_by_name_need_no_network() -> None:
    result = answer(pipeline(None), draw(), Options(Method.RULE_BASED))

    assert result.route.tier is Tier.REQUESTED


def test_a_picture_judged_elsewhere_that_does_not_decode_here_spoils_no_other(
    network: CountingNetwork,
) -> None:
    pipe = pipeline(network)
    known = answer(pipe, draw())
    assert pipe.sequence.judgements is not None
    unsure = Judgement(known.features, replace(known.verdict, confidence=0.5), known.image)
    pipe.sequence.judgements.put(unsure, hashlib.sha256(b"broken").hexdigest())

    broken, whole = pipe.run([b"broken", draw(BLUE)], AUTO)

    assert isinstance(broken, UnsupportedFormat)
    assert isinstance(whole, Classification)
    assert pipe.statistics.snapshot()["failures"] == {"unsupported_format": 1}


def test_a_budget_counts_what_decoding_takes_where_the_judgement_is_known(
    network: CountingNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipe = pipeline(network, cached=False)
    pipe.sequence.warm_up()
    answer(pipe, draw())

    def slow(*given: Any) -> LoadedImage:
        time.sleep(0.3)
        return load_image(*given)

    monkeypatch.setattr("logo_classifier.pipeline.sequence.load_image", slow)
    hurried = answer(pipe, draw(), Options(time_budget=0.2))

    assert hurried.route.tier is Tier.TIME_BUDGET
    assert hurried.processing_time >= 0.3


def test_a_picture_that_there_is_no_memory_to_decode_spoils_no_other(
    network: CountingNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = draw(BLUE)

    def load(picture: Picture, *given: Any) -> LoadedImage:
        if picture.data == large:
            raise MemoryError
        return load_image(picture, *given)

    monkeypatch.setattr("logo_classifier.pipeline.sequence.load_image", load)

    first, second = pipeline(network).run([large, draw(RED)], AUTO)

    assert isinstance(first, OutOfMemory)
    assert isinstance(second, Classification)


def test_a_judged_picture_that_there_is_no_memory_to_decode_again_is_an_error(
    network: CountingNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipe = pipeline(network)
    answer(pipe, draw(), Options(Method.RULE_BASED))

    def fail(*_: Any) -> LoadedImage:
        raise MemoryError

    monkeypatch.setattr("logo_classifier.pipeline.sequence.load_image", fail)

    (outcome,) = pipe.run([draw()], AUTO)

    assert isinstance(outcome, OutOfMemory)
