"""Shares are those of the answers, kind by kind."""

from __future__ import annotations

import pytest

from logo_classifier import HybridClassifier
from logo_classifier.values import LogoType
from tests.training.behaviour.pictures import Drawn
from training.behaviour.kind import Case
from training.behaviour.measure import Answer, ask, score, wrong
from training.behaviour.table import table

SIMPLE, TEXT, GRADIENT = LogoType.SIMPLE, LogoType.TEXT, LogoType.GRADIENT


def answer(
    kind: str, truth: LogoType, given: LogoType, confidence: float, holds: bool, **more: str
) -> Answer:
    group = more.get("group", f"{kind}{given}{confidence}")
    case = Case(kind, group, f"{group}.png", b"", truth)
    return Answer(case, given, confidence, more.get("method", "ensemble"), holds)


ANSWERS = [
    answer("small", SIMPLE, SIMPLE, 0.9, True, method="rule_based"),
    answer("small", SIMPLE, SIMPLE, 0.6, True),
    answer("small", SIMPLE, GRADIENT, 0.7, True),
    answer("small", SIMPLE, GRADIENT, 0.95, False, method="rule_based"),
    answer("pair", TEXT, TEXT, 0.9, True, group="1"),
    answer("pair", TEXT, SIMPLE, 0.8, False, group="1", method="rule_based"),
    answer("pair", TEXT, TEXT, 0.9, True, group="2"),
    answer("pair", TEXT, TEXT, 0.99, True, group="2"),
]


def test_each_kind_has_its_shares() -> None:
    scored = score(ANSWERS)

    assert scored["pictures"] == 8
    assert scored["kinds"]["small"] == {
        "truth": "simple",
        "pictures": 4,
        "right": 0.5,
        "honest": 0.5,
        "right_or_honest": 0.75,
        "unsure": 0.5,
        "sure_but_wrong": 0.25,
        "confidence": pytest.approx(0.7875),
        "answers": {"gradient": 2, "simple": 2},
    }


def test_logos_in_several_formats_are_compared_with_themselves() -> None:
    kinds = score(ANSWERS)["kinds"]

    assert kinds["pair"]["same_type"] == 0.5
    assert "same_type" not in kinds["small"]


def test_only_what_the_rules_are_sure_of_counts_as_their_claim() -> None:
    assert score(ANSWERS)["rules_claim"] == {"threshold": 0.85, "pictures": 2, "right": 0.5}
    assert score(ANSWERS[1:3])["rules_claim"] == {"threshold": 0.85, "pictures": 0, "right": 0.0}


def test_what_is_wrong_is_named() -> None:
    named = wrong(ANSWERS)

    assert [row["answer"] for row in named] == ["gradient", "gradient", "simple"]
    assert named[2] == {
        "kind": "pair",
        "name": "1.png",
        "truth": "text",
        "answer": "simple",
        "confidence": 0.8,
        "method": "rule_based",
    }


def test_answers_are_those_of_the_classifier(drawn: Drawn) -> None:
    classifier = HybridClassifier(enable_caching=False)
    cases = drawn["flat word"][:4]

    for given, case in zip(ask(classifier, cases), cases, strict=True):
        reply = classifier.classify(case.data)
        assert given.case is case
        assert given.logo_type == reply["logo_type"]
        assert given.confidence == reply["confidence"]
        assert given.method == reply["method_used"]
        assert given.holds_truth == ("text" in reply["prediction_set"])


def test_the_table_has_a_line_for_each_kind_and_one_for_the_rules() -> None:
    first, small, pair, rules = table(score(ANSWERS)).splitlines()

    assert first.split()[:4] == ["kind", "type", "pictures", "right"]
    assert small.split() == ["small", "simple", "4", "50.0", "%", "50.0", "%", "25.0", "%", "0.788"]
    assert pair.endswith("one type in all formats: 50.0 %")
    assert rules == "rules claim >= 0.85: 2 pictures, 50.0 % right"
