"""Which method answers, and how two answers become one."""

from __future__ import annotations

from math import sqrt

import pytest

from logo_classifier.decision.ensemble import combine
from logo_classifier.decision.routing import (
    Circumstances,
    RoutingPolicy,
    degraded,
    route,
    route_requested,
)
from logo_classifier.values import Features, LogoType, Method, Route, Tier, Trait, Verdict

POLICY = RoutingPolicy()
AT_EASE = Circumstances()
PLAIN, BUSY = 0.05, 0.5
UNSURE = 0.55
"""A confidence of the rules at which the network is preferred."""


def verdict(
    confidence: float,
    logo_type: LogoType = LogoType.SIMPLE,
    method: Method = Method.RULE_BASED,
    trait: float = 0.5,
) -> Verdict:
    rest = (1 - confidence) / 3
    return Verdict(
        logo_type=logo_type,
        confidence=confidence,
        probabilities={kind: confidence if kind is logo_type else rest for kind in LogoType},
        traits=dict.fromkeys(Trait, trait),
        method=method,
        reasoning=f"{method.value} reasons",
        raw_confidence=confidence,
        calibrated=True,
    )


def chosen(
    confidence: float,
    complexity: float = PLAIN,
    circumstances: Circumstances = AT_EASE,
    policy: RoutingPolicy = POLICY,
) -> Route:
    features = Features({"complexity": complexity})
    return route(verdict(confidence), features, circumstances, policy)


def test_the_thresholds_are_those_of_the_design() -> None:
    assert (POLICY.confident, POLICY.conditional, POLICY.neural) == (0.85, 0.65, 0.45)


@pytest.mark.parametrize(
    ("confidence", "complexity", "tier", "method"),
    [
        (1.0, BUSY, Tier.RULES_CONFIDENT, Method.RULE_BASED),
        (0.85, BUSY, Tier.RULES_CONFIDENT, Method.RULE_BASED),
        (0.8499, PLAIN, Tier.CONDITIONAL, Method.RULE_BASED),
        (0.8499, BUSY, Tier.CONDITIONAL, Method.ENSEMBLE),
        (0.65, PLAIN, Tier.CONDITIONAL, Method.RULE_BASED),
        (0.65, BUSY, Tier.CONDITIONAL, Method.ENSEMBLE),
        (0.6499, PLAIN, Tier.NEURAL, Method.NEURAL_NETWORK),
        (0.45, PLAIN, Tier.NEURAL, Method.NEURAL_NETWORK),
        (0.4499, PLAIN, Tier.ENSEMBLE, Method.ENSEMBLE),
        (0.25, BUSY, Tier.ENSEMBLE, Method.ENSEMBLE),
    ],
)
def test_each_confidence_has_its_tier(
    confidence: float, complexity: float, tier: Tier, method: Method
) -> None:
    route_taken = chosen(confidence, complexity)

    assert (route_taken.tier, route_taken.method) == (tier, method)
    assert not route_taken.reduced


@pytest.mark.parametrize(
    ("complexity", "method"),
    [(0.0999, Method.RULE_BASED), (0.1, Method.RULE_BASED), (0.1001, Method.ENSEMBLE)],
)
def test_a_conditional_picture_goes_to_the_ensemble_above_the_limit_of_complexity(
    complexity: float, method: Method
) -> None:
    assert chosen(0.7, complexity).method is method


def test_the_policy_moves_the_thresholds() -> None:
    policy = RoutingPolicy(confident=0.6, conditional=0.5, neural=0.4, rules_complexity=0.9)

    assert chosen(0.6, policy=policy).tier is Tier.RULES_CONFIDENT
    assert chosen(0.55, BUSY, policy=policy).method is Method.RULE_BASED
    assert chosen(0.42, policy=policy).tier is Tier.NEURAL
    assert chosen(0.39, policy=policy).tier is Tier.ENSEMBLE


def test_the_reason_names_the_numbers_behind_the_choice() -> None:
    assert chosen(0.7, 0.31).reason == (
        "rule confidence 0.70 is at least 0.65 and complexity 0.31 is above 0.1"
    )
    assert chosen(0.9).reason == "rule confidence 0.90 is at least 0.85"
    assert chosen(0.5).reason == "rule confidence 0.50 is below 0.65"
    assert chosen(0.3).reason == "rule confidence 0.30 is below 0.45"


@pytest.mark.parametrize(
    ("left", "needed", "overruns"),
    [
        (1.0, 0.01, False),
        (0.0101, 0.01, False),
        (0.01, 0.01, True),
        (0.001, 0.01, True),
        (0.0, 0.01, True),
        (-0.2, 0.01, True),
        (0.001, None, False),
        (0.0, None, True),
        (-0.2, None, True),
        (None, 9.0, False),
    ],
)
@pytest.mark.parametrize("confidence", [UNSURE, 0.3])
def test_what_would_overrun_the_budget_falls_back_to_the_rules(
    confidence: float, left: float | None, needed: float | None, overruns: bool
) -> None:
    route_taken = chosen(confidence, circumstances=Circumstances(left, needed))

    assert (route_taken.tier is Tier.TIME_BUDGET) is overruns
    assert (route_taken.method is Method.RULE_BASED) is overruns
    assert route_taken.reduced is overruns


def test_a_reply_forced_by_the_budget_names_both_times() -> None:
    reason = chosen(UNSURE, circumstances=Circumstances(0.004, 0.0125)).reason

    assert "4.0 ms of the time budget are left" in reason
    assert "takes 12.5 ms" in reason


def test_a_budget_already_overrun_has_nothing_left_rather_than_less() -> None:
    reason = chosen(UNSURE, circumstances=Circumstances(-0.3, None)).reason

    assert reason.startswith("0.0 ms of the time budget are left")


@pytest.mark.parametrize("confidence", [0.9, 0.7])
def test_the_rules_need_no_time_of_the_budget(confidence: float) -> None:
    route_taken = chosen(confidence, circumstances=Circumstances(0.0, 1.0, network_loaded=False))

    assert route_taken == chosen(confidence)


@pytest.mark.parametrize("confidence", [UNSURE, 0.3])
def test_without_the_network_the_rules_answer_and_say_why(confidence: float) -> None:
    route_taken = chosen(confidence, circumstances=Circumstances(network_loaded=False))

    assert route_taken == degraded("it is not loaded")
    assert route_taken == Route(
        Tier.DEGRADED, Method.RULE_BASED, "the network cannot answer: it is not loaded"
    )
    assert route_taken.reduced


def test_a_missing_network_is_told_before_a_short_budget() -> None:
    circumstances = Circumstances(0.0, 1.0, network_loaded=False)

    assert chosen(UNSURE, circumstances=circumstances).tier is Tier.DEGRADED


@pytest.mark.parametrize("method", list(Method))
@pytest.mark.parametrize("circumstances", [AT_EASE, Circumstances(1.0, 0.01)])
def test_a_request_is_followed_where_the_circumstances_allow_it(
    circumstances: Circumstances, method: Method
) -> None:
    route_taken = route_requested(method, circumstances)

    assert route_taken == Route(Tier.REQUESTED, method, f"the request asks for {method.value}")
    assert not route_taken.reduced


def test_a_request_for_the_rules_needs_neither_time_nor_a_network() -> None:
    circumstances = Circumstances(-1.0, 1.0, network_loaded=False)

    assert route_requested(Method.RULE_BASED, circumstances).tier is Tier.REQUESTED


@pytest.mark.parametrize("method", [Method.NEURAL_NETWORK, Method.ENSEMBLE])
@pytest.mark.parametrize(
    ("circumstances", "tier"),
    [
        (Circumstances(0.001, 0.01), Tier.TIME_BUDGET),
        (Circumstances(network_loaded=False), Tier.DEGRADED),
    ],
)
def test_a_request_does_not_go_before_the_circumstances(
    method: Method, circumstances: Circumstances, tier: Tier
) -> None:
    route_taken = route_requested(method, circumstances)

    assert (route_taken.tier, route_taken.method) == (tier, Method.RULE_BASED)
    assert route_taken.reduced


def test_a_request_without_time_is_told_both_times_as_well() -> None:
    reason = route_requested(Method.NEURAL_NETWORK, Circumstances(0.004, 0.0125)).reason

    assert "4.0 ms of the time budget are left" in reason
    assert "takes 12.5 ms" in reason


def test_two_verdicts_are_pooled_by_their_weighted_logarithms() -> None:
    rule = verdict(0.64, LogoType.SIMPLE)  # and 0.12 for each other type
    neural = verdict(0.7, LogoType.TEXT, Method.NEURAL_NETWORK)  # and 0.1 for each other

    pooled = combine(rule, neural, 0.5)

    masses = [sqrt(0.64 * 0.1), sqrt(0.12 * 0.7), sqrt(0.12 * 0.1), sqrt(0.12 * 0.1)]
    expected = [mass / sum(masses) for mass in masses]
    assert [pooled.probabilities[kind] for kind in LogoType] == pytest.approx(expected)
    assert pooled.logo_type is LogoType.TEXT
    assert pooled.confidence == pooled.raw_confidence == pytest.approx(max(expected))
    assert pooled.method is Method.ENSEMBLE
    assert not pooled.calibrated


@pytest.mark.parametrize(
    ("weight", "expected"), [(0.0, "text"), (0.1, "text"), (0.9, "simple"), (1.0, "simple")]
)
def test_the_weight_decides_between_verdicts_that_differ(weight: float, expected: str) -> None:
    rule = verdict(0.7, LogoType.SIMPLE)
    neural = verdict(0.7, LogoType.TEXT, Method.NEURAL_NETWORK)

    assert combine(rule, neural, weight).logo_type.value == expected


def test_verdicts_that_agree_stay_as_they_are() -> None:
    pooled = combine(verdict(0.7), verdict(0.7, method=Method.NEURAL_NETWORK), 0.2)

    assert pooled.probabilities == pytest.approx(verdict(0.7).probabilities)


def test_traits_are_averaged_by_weight() -> None:
    pooled = combine(verdict(0.7, trait=1.0), verdict(0.7, trait=0.5), 0.2)

    assert pooled.traits == pytest.approx(dict.fromkeys(Trait, 0.6))


def test_certain_verdicts_that_differ_still_make_probabilities() -> None:
    rule, neural = verdict(1.0, LogoType.SIMPLE), verdict(1.0, LogoType.COMPLEX)

    shares = combine(rule, neural, 0.5).probabilities

    assert sum(shares.values()) == pytest.approx(1)
    assert shares[LogoType.SIMPLE] == pytest.approx(0.5, abs=1e-3)
    assert shares[LogoType.COMPLEX] == pytest.approx(0.5, abs=1e-3)


def test_the_reasoning_names_both_verdicts() -> None:
    neural = verdict(0.8, LogoType.TEXT, Method.NEURAL_NETWORK)

    reasoning = combine(verdict(0.6), neural, 0.2).reasoning

    assert reasoning == (
        "rules say simple (0.60), the network says text (0.80); rule_based reasons"
    )
