"""Pairs are compared by a sign test."""

from __future__ import annotations

from dataclasses import replace

import pytest
from scipy.stats import binomtest

from benchmarks.tracing.comparing import (
    SignTest,
    compare_butteraugli,
    compare_ssim,
    ratio_of_bytes,
)
from benchmarks.tracing.measuring import Measures

ONE = Measures(0.9, 5.0, 1000, 400, 10, 3, 0.1)


@pytest.mark.parametrize(("better", "worse"), [(0, 1), (9, 1), (24, 0), (6, 6), (3, 17)])
def test_the_probability_is_that_of_the_binomial_test(better: int, worse: int) -> None:
    assert SignTest(better, worse).p == pytest.approx(binomtest(better, better + worse).pvalue)


def test_no_pairs_are_no_evidence() -> None:
    assert SignTest(0, 0).says == "same"


def test_what_is_better_says_so_by_the_direction_of_the_metric() -> None:
    theirs = [ONE] * 8
    ours = [replace(ONE, ssim=0.95, butteraugli=6.0)] * 8

    assert compare_ssim(ours, theirs).says == "better"
    assert compare_butteraugli(ours, theirs).says == "worse"
    assert compare_ssim(theirs, theirs).says == "same"


def test_bytes_are_compared_by_the_geometric_mean() -> None:
    ours = [replace(ONE, size_bytes=500), replace(ONE, size_bytes=2000)]

    assert ratio_of_bytes(ours, [ONE, ONE]) == pytest.approx(1.0)
