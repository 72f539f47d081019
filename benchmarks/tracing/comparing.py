"""Compare paired measures of two ways to trace."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.tracing.measuring import Measures

SIGNIFICANT = 0.05


@dataclass(frozen=True, slots=True)
class SignTest:
    """The two-sided sign test of pairs; ties count for neither side (Dixon and Mood, 1946)."""

    better: int
    worse: int

    @property
    def p(self) -> float:
        """Return the probability of so uneven a split by chance."""
        pairs, most = self.better + self.worse, max(self.better, self.worse)
        tail = sum(math.comb(pairs, k) for k in range(most, pairs + 1)) * 0.5**pairs
        return min(1.0, 2 * tail)

    @property
    def says(self) -> str:
        """Return `better`, `worse`, or `same` where the split may be chance."""
        if self.p >= SIGNIFICANT:
            return "same"
        return "better" if self.better > self.worse else "worse"


def compare_ssim(ours: Sequence[Measures], theirs: Sequence[Measures]) -> SignTest:
    """Return whether our traces have a higher SSIM."""
    return _sign_test([a.ssim - b.ssim for a, b in zip(ours, theirs, strict=True)])


def compare_butteraugli(ours: Sequence[Measures], theirs: Sequence[Measures]) -> SignTest:
    """Return whether our traces have a lower butteraugli distance."""
    return _sign_test([b.butteraugli - a.butteraugli for a, b in zip(ours, theirs, strict=True)])


def ratio_of_bytes(ours: Sequence[Measures], theirs: Sequence[Measures]) -> float:
    """Return the geometric mean of the ratios of bytes, ours to theirs."""
    ratios = [a.size_bytes / b.size_bytes for a, b in zip(ours, theirs, strict=True)]
    return math.exp(sum(map(math.log, ratios)) / len(ratios))


def _sign_test(gains: Sequence[float]) -> SignTest:
    return SignTest(sum(gain > 0 for gain in gains), sum(gain < 0 for gain in gains))
