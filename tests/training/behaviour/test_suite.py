"""The suite is the same for all who draw it, and knows nothing that training knows."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from logo_classifier import HybridClassifier
from logo_classifier.values import LogoType
from tests.training.behaviour.conftest import LOGOS
from tests.training.behaviour.pictures import Drawn
from training.behaviour.drawing.words import WORDS
from training.behaviour.suite import FONTS, KINDS, draw_suite
from training.labels import fetch
from training.labels.dataset import read_labels

COMMITTED = Path(__file__).parents[3] / "data"


def test_no_word_of_the_suite_is_a_brand_that_training_knows() -> None:
    brands = {row.brand for row in read_labels(COMMITTED)}

    assert len(set(WORDS)) == len(WORDS) > 100
    assert all(re.fullmatch("[a-z]{4,10}", word) for word in WORDS)
    assert not brands & set(WORDS)


def families(names: Path) -> set[str]:
    return {line.split("@")[1] for line in names.read_text().split()}


def test_no_font_of_the_suite_is_one_that_training_knows() -> None:
    lines = FONTS.read_text().split()

    assert len(lines) >= 12
    assert all(re.fullmatch(r"@fontsource/[a-z0-9-]+@\d+\.\d+\.\d+", line) for line in lines)
    assert not families(FONTS) & families(fetch.FONTS)


def test_the_same_seed_draws_the_same_pictures_and_another_others(
    suite_fonts: list[Path], drawn: Drawn
) -> None:
    few = [replace(kind, logos=2) for kind in KINDS]
    again = list(draw_suite(suite_fonts, kinds=few))
    other = list(draw_suite(suite_fonts, seed=2, kinds=few))

    first = {(case.kind, case.name): case.data for cases in drawn.values() for case in cases}
    assert all(first[case.kind, case.name] == case.data for case in again)
    assert not {case.data for case in other} & set(first.values())


def test_a_kind_does_not_depend_on_the_kinds_before_it(
    suite_fonts: list[Path], drawn: Drawn
) -> None:
    last = replace(KINDS[-1], logos=3)

    assert list(draw_suite(suite_fonts, kinds=[last])) == drawn[last.name][:3]


def test_every_kind_has_enough_pictures_for_a_share_and_no_more() -> None:
    assert len({kind.name for kind in KINDS}) == len(KINDS) == 18
    for kind in KINDS:
        formats = 4 if kind.name == "initials" else 1
        assert 60 <= kind.logos * formats <= 160


def test_all_four_types_are_asked_for() -> None:
    assert {kind.truth for kind in KINDS} == set(LogoType)


@pytest.mark.parametrize("kind", [kind.name for kind in KINDS])
def test_every_picture_has_a_name_of_its_own_and_is_accepted(drawn: Drawn, kind: str) -> None:
    classifier = HybridClassifier()
    cases = drawn[kind]

    assert len({case.group for case in cases}) == LOGOS
    assert len({case.name for case in cases}) == len(cases)
    for case in cases:
        classifier.validate_input(case.data)
