"""Adaptive conformal inference: a threshold that follows how often the true type is missed.

Gibbs and Candes, 2021, arXiv 2106.00170: alpha grows by STEP * (TARGET - miss). The paper's bound
on long-run coverage needs an alpha that may leave 0 to 1; here it is clamped, so that no set
becomes everything or nothing, and the bound holds only while the clamp does not bind.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import deque

from logo_classifier.feedback.live import LOWEST_THRESHOLD, before
from logo_classifier.feedback.records import LabelledAnswer

TARGET = 0.05
"""Share of prediction sets that may miss the true type: what a version's own sets promise."""

_STEP = 0.005
_LOWEST, _HIGHEST = 0.005, 0.2
_WINDOW, _FEWEST = 500, 50


class AdaptiveThreshold:
    """One threshold over all types; types of the version's own sets always stay in.

    So the sets only grow, and what the version promises for each type is kept. One for all types,
    as the labels of rare types are too few to learn from.
    """

    def __init__(self) -> None:
        self.alpha = TARGET
        self._window: deque[float] = deque()
        self._ordered: list[float] = []

    @property
    def threshold(self) -> float:
        """Return the smallest probability that puts a type into the set; 1 before 50 labels."""
        if len(self._ordered) < _FEWEST:
            return 1.0
        found = self._ordered[int(self.alpha * (len(self._ordered) - 1))]
        return max(found, LOWEST_THRESHOLD)

    def learn(self, labelled: LabelledAnswer) -> None:
        """Take one label."""
        missed = misses(labelled, self.threshold)
        self.alpha = min(max(self.alpha + _STEP * (TARGET - missed), _LOWEST), _HIGHEST)
        share = true_share(labelled)
        self._window.append(share)
        insort(self._ordered, share)
        if len(self._window) > _WINDOW:
            del self._ordered[bisect_left(self._ordered, self._window.popleft())]


def true_share(labelled: LabelledAnswer) -> float:
    """Return the probability of the true type before any live calibration (0-1)."""
    return before(labelled.answer.judged).probabilities[labelled.true_label]


def misses(labelled: LabelledAnswer, threshold: float) -> bool:
    """Return whether the prediction set of an answer, widened by a threshold, lacks the truth."""
    if labelled.true_label in labelled.answer.judged.prediction_set:
        return False
    return true_share(labelled) < threshold
