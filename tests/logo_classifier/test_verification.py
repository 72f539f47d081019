"""A version is fit to serve if it loads and answers as it was recorded."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from logo_classifier import HybridClassifier, Registry, print_of, verify
from training.sealing import seal

ROOT = Path(__file__).parents[2]


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """Return a copy of the shipped version that a test may change."""
    registry = Registry()
    shutil.copytree(registry.resolve(registry.shipped()), tmp_path / "1.6.0")
    return tmp_path / "1.6.0"


def change_record(bundle: Path, old: str, new: str) -> None:
    text = (bundle / "golden.json").read_text("utf-8")
    assert old in text
    (bundle / "golden.json").write_text(text.replace(old, new, 1), "utf-8")
    seal(bundle)


@pytest.mark.parametrize("version", Registry().versions())
def test_each_version_of_the_tree_verifies(version: str) -> None:
    found = verify(Registry().resolve(version))

    assert (found.recorded, found.problems) == (16, ())


def test_a_classifier_that_serves_is_verified_without_touching_its_caches(bundle: Path) -> None:
    classifier = HybridClassifier(bundle)

    assert verify(bundle, classifier).problems == ()
    assert classifier.get_memory_usage()["cached_results"] == 0
    assert classifier.get_performance_stats()["caches"]["results"]["misses"] == 0


def test_another_type_than_recorded_is_a_problem(bundle: Path) -> None:
    change_record(bundle, '"logo_type": "simple"', '"logo_type": "text"')

    (problem,) = verify(bundle).problems

    assert problem.endswith("auto: logo_type is simple, recorded is text")


def test_a_probability_beyond_the_tolerance_is_a_problem(bundle: Path) -> None:
    change_record(bundle, '"simple": 0.995678', '"simple": 0.9')

    (problem,) = verify(bundle).problems

    assert "the probability of simple is" in problem
    assert "recorded is 0.9000" in problem


def test_a_probability_within_the_tolerance_is_none(bundle: Path) -> None:
    change_record(bundle, '"simple": 0.995678', '"simple": 0.995')

    assert verify(bundle).problems == ()


def test_a_damaged_part_and_a_changed_record_are_problems(bundle: Path) -> None:
    with (bundle / "golden.json").open("a") as record:
        record.write(" ")
    assert "golden.json is not what config.json names" in verify(bundle).problems[0]

    with (bundle / "rules.json").open("a") as rules:
        rules.write(" ")
    assert "rules.json is not what config.json names" in verify(bundle).problems[0]


def test_a_bundle_without_a_record_passes_and_says_so(bundle: Path) -> None:
    (bundle / "golden.json").unlink()
    assert "golden.json is not there" in verify(bundle).problems[0]

    seal(bundle)

    found = verify(bundle)
    assert (found.recorded, found.problems) == (0, ())


def test_a_record_that_is_no_record_is_a_problem(bundle: Path) -> None:
    (bundle / "golden.json").write_text(json.dumps({"pictures": []}))
    seal(bundle)

    assert "golden.json is damaged" in verify(bundle).problems[0]


def test_a_recorded_picture_that_is_not_there_is_a_problem(bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "golden").mkdir()

    (problem,) = verify(bundle, registry=Registry(tmp_path)).problems

    assert problem.startswith("16 of 16 recorded pictures are not among the golden pictures")


def test_the_print_changes_with_the_description(bundle: Path) -> None:
    before = print_of(bundle)

    (bundle / "policy.json").write_text("{}")
    seal(bundle)

    assert before is not None
    assert print_of(bundle) != before
