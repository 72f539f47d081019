"""The options of a classification."""

from __future__ import annotations

from typing import Any

import pytest

from logo_classifier.errors import BadParameter
from logo_classifier.options import LONGEST_BUDGET_SECONDS, METHODS, Options, parse_options
from logo_classifier.values import Method


def test_nothing_asked_for_is_auto_without_a_budget() -> None:
    assert parse_options() == Options(requested=None, time_budget=None)


@pytest.mark.parametrize("method", list(Method))
def test_every_method_may_be_asked_for_by_its_name(method: Method) -> None:
    assert parse_options(method.value).requested is method


def test_a_method_may_be_asked_for_by_its_member() -> None:
    assert parse_options(Method.ENSEMBLE).requested is Method.ENSEMBLE


@pytest.mark.parametrize("method", ["", "AUTO", "neural", "auto ", None, 1, ["auto"]])
def test_an_unknown_method_is_refused_with_those_known(method: Any) -> None:
    known = "auto, rule_based, neural_network, ensemble"

    with pytest.raises(BadParameter) as caught:
        parse_options(method)

    assert str(caught.value) == f"method is one of {known}, not {method!r}"


@pytest.mark.parametrize("budget", [1e-9, 0.5, 1, LONGEST_BUDGET_SECONDS])
def test_a_budget_above_zero_and_up_to_the_longest_is_kept(budget: float) -> None:
    assert parse_options("auto", budget).time_budget == budget


@pytest.mark.parametrize("budget", [0, 0.0, -0.0, -1, 60.000001, 61, 1e300])
def test_a_budget_outside_its_range_is_refused(budget: float) -> None:
    with pytest.raises(BadParameter, match="above 0 and at most 60 seconds"):
        parse_options("auto", budget)


@pytest.mark.parametrize("budget", ["1", "", True, False, [1], 1j])
def test_a_budget_that_is_no_number_is_refused(budget: Any) -> None:
    with pytest.raises(BadParameter, match="a number of seconds"):
        parse_options("auto", budget)


@pytest.mark.parametrize(
    "budget", [float("nan"), float("inf"), -float("inf"), pytest.param(10**400, id="huge")]
)
def test_a_budget_that_no_clock_can_measure_is_refused(budget: float) -> None:
    with pytest.raises(BadParameter, match="time_budget is"):
        parse_options("auto", budget)


def test_a_refused_option_is_a_value_error_that_names_its_value() -> None:
    with pytest.raises(ValueError, match=r"not 99\.5"):
        parse_options("auto", 99.5)


def test_the_method_is_checked_before_the_budget() -> None:
    with pytest.raises(BadParameter, match="method is one of"):
        parse_options("guess", -1)


def test_a_long_method_is_told_cut_short() -> None:
    with pytest.raises(BadParameter) as caught:
        parse_options("x" * 100_000)

    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("method", ["auto", *Method])
@pytest.mark.parametrize("include_features", [True, False])
def test_only_the_network_without_features_needs_no_rules(
    method: str, include_features: bool
) -> None:
    options = parse_options(method, include_features=include_features)

    assert options.include_features is include_features
    assert options.needs_rules is (include_features or method != Method.NEURAL_NETWORK)


def test_advice_on_tracing_needs_the_rules_features() -> None:
    options = parse_options("neural_network", include_tracing=True)

    assert options.needs_rules
    assert not options.include_features


def test_features_are_not_asked_for_by_default() -> None:
    assert parse_options("neural_network") == Options(Method.NEURAL_NETWORK)
    assert not parse_options("neural_network").include_features


def test_answers_that_differ_have_variants_that_differ() -> None:
    variants = {
        method: [parse_options(method, include_features=asked).variant for asked in (False, True)]
        for method in METHODS
    }

    assert variants == {
        "auto": ["auto"] * 2,
        "rule_based": ["rule_based"] * 2,
        "neural_network": ["neural_network-alone", "neural_network"],
        "ensemble": ["ensemble"] * 2,
    }


@pytest.mark.parametrize("budget", [None, 0.5])
@pytest.mark.parametrize("deadline", [None, 99.0])
def test_time_makes_no_other_answer(budget: float | None, deadline: float | None) -> None:
    options = parse_options("neural_network", budget, deadline)

    assert options.variant == parse_options("neural_network").variant


@pytest.mark.parametrize("method", METHODS)
def test_an_explanation_needs_the_rules_whatever_the_method(method: str) -> None:
    options = parse_options(method, include_explanation=True)

    assert options.include_explanation
    assert options.needs_rules
    assert not options.include_features
