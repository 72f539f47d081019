"""The plain sentences of an explanation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from logo_classifier.explanations.overlay import Counted
from logo_classifier.explanations.wording import share_in_words, summarise
from logo_classifier.values import LogoType, Method, Route, Tier, Trait, Verdict

NOTHING = np.zeros((2, 2), np.bool_)


def counted(fade_share: float = 0.0, parts: int = 1, letters: int = 0) -> Counted:
    return Counted(
        edges=np.zeros((4, 4), np.uint8),
        faded=NOTHING,
        parted=NOTHING,
        edge_share=0.2,
        fade_share=fade_share,
        parts=parts,
        letters=np.zeros((letters, 5), np.int32),
    )


def verdict(
    kind: LogoType = LogoType.SIMPLE, *traits: Trait, method: Method = Method.RULE_BASED
) -> Verdict:
    shares = {each: 0.7 if each is kind else 0.1 for each in LogoType}
    chances = {trait: 0.9 if trait in traits else 0.1 for trait in Trait}
    return Verdict(kind, 0.7, shares, chances, method, "", 0.7, calibrated=True)


def route(method: Method = Method.RULE_BASED, tier: Tier = Tier.REQUESTED) -> Route:
    return Route(tier, method, "")


def said(answer: Verdict, found: Counted, rules: Verdict | None = None) -> str:
    return summarise(answer, rules or answer, route(answer.method), found)


def test_a_plain_logo_is_said_to_have_nothing_special() -> None:
    assert said(verdict(), counted()) == (
        "The answer is simple: there are no notable fades; there are no letters; "
        "the drawing has 1 separate area. The rules decided."
    )


def test_fades_are_said_with_their_share() -> None:
    answer = verdict(LogoType.GRADIENT, Trait.GRADIENT)

    assert "smooth fades cover about half of the drawing" in said(answer, counted(0.5))
    assert "hardly any inside one area" in said(answer, counted(0.01))


def test_a_smooth_change_that_is_not_taken_for_a_fade_is_owned_up_to() -> None:
    assert "about half of the drawing changes smoothly, but is not taken for a fade" in said(
        verdict(), counted(0.5)
    )


def test_letters_are_said_with_the_length_of_their_row() -> None:
    answer = verdict(LogoType.TEXT, Trait.LETTERING)

    assert "there are letters, with 7 shapes in one row" in said(answer, counted(letters=7))
    assert "the measures find no row of them" in said(answer, counted())


def test_shapes_in_a_row_are_no_letters_where_the_answer_says_so() -> None:
    assert "there are no letters" in said(verdict(), counted(letters=7))


def test_a_detailed_drawing_is_said_with_its_edges() -> None:
    answer = verdict(LogoType.COMPLEX, Trait.COMPLEX)

    assert "the drawing is detailed, with 30 separate areas and edges on 20% of it" in said(
        answer, counted(parts=30)
    )


@pytest.mark.parametrize(
    ("method", "rules", "words"),
    [
        (Method.RULE_BASED, LogoType.TEXT, "The rules decided."),
        (Method.NEURAL_NETWORK, LogoType.TEXT, "The network decided."),
        (
            Method.NEURAL_NETWORK,
            LogoType.SIMPLE,
            "The network decided, where the rules alone say simple.",
        ),
        (Method.ENSEMBLE, LogoType.TEXT, "Rules and network decided together."),
        (
            Method.ENSEMBLE,
            LogoType.COMPLEX,
            "Rules and network decided together, where the rules alone say complex.",
        ),
    ],
)
def test_who_decided_is_said(method: Method, rules: LogoType, words: str) -> None:
    answer = verdict(LogoType.TEXT, method=method)

    assert said(answer, counted(), verdict(rules)).endswith(words)


def test_rules_that_stood_in_for_a_failed_network_are_said_to() -> None:
    answer = verdict()

    told = summarise(answer, replace(answer), route(tier=Tier.DEGRADED), counted())

    assert told.endswith("The network gave no answer, so the rules decided.")


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0.0, "hardly any"),
        (0.1, "about a tenth"),
        (0.25, "about a quarter"),
        (1 / 3, "about a third"),
        (0.5, "about half"),
        (2 / 3, "about two thirds"),
        (0.75, "about three quarters"),
        (0.9, "nearly all"),
        (1.0, "all"),
    ],
)
def test_a_share_is_said_as_people_say_it(share: float, words: str) -> None:
    assert share_in_words(share) == words
