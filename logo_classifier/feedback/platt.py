"""Online Platt scaling with calibeating: confidences learnt from one label at a time.

Gupta and Ramdas, "Online Platt scaling with calibeating", 2023, arXiv 2305.00070: an online Newton
step (Hazan, Agarwal and Kale, 2007) on slope and offset of the logit, and means of outcomes in bins
on top (Foster and Hart, "Calibeating"). It departs from the paper in three ways: it starts at the
identity with the weight of PRIOR labels, it forgets, and slope and offset are clipped. So the
paper's regret bound is not claimed. What protects answers is `logo_classifier.feedback.evidence`.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from logo_classifier.feedback.live import KNOTS, LEVEL, MOST_SHIFT, MOST_STEP, Curve, expit, logit

PRIOR = 40.0
"""How many labels the identity counts as."""

_BIN_PRIOR = 20.0
_MEMORY = 2000.0
"""How many labels it takes to forget a label to 37 %."""

_SLOPES, _OFFSETS = (0.3, 3.0), (-3.0, 3.0)
_EDGES = (1.0, 2.0, 3.0, 4.0)
"""Scaled logits between the bins."""

_PRIOR_LOGIT_SPREAD = 2.0
_VARIANCE = 0.1
"""Mean of (confidence - outcome)^2 that the prior assumes; 0.1 is an accuracy near 0.9."""


class OnlinePlatt:
    """The learner of one route; logits go in, confidences come out."""

    def __init__(self) -> None:
        self.weight = 0.0
        self._slope, self._offset = 1.0, 0.0
        self._prior = PRIOR * _VARIANCE * np.diag([_PRIOR_LOGIT_SPREAD**2, 1.0])
        self._seen = np.zeros((2, 2))
        self._bins = np.zeros((len(_EDGES) + 1, 4))  # weight, right, confidence, scaled logit

    def learn(self, log_odds: float, right: bool, weight: float = 1.0) -> None:
        """Take one label; `log_odds` is the logit of the version's own confidence."""
        scaled = self._slope * log_odds + self._offset
        confidence, fading = expit(scaled), math.exp(-weight / _MEMORY)
        self._bins *= fading
        self._bins[np.searchsorted(_EDGES, scaled)] += weight * np.array(
            [1.0, right, confidence, scaled]
        )
        gradient = (confidence - right) * np.array([log_odds, 1.0])
        self._seen = fading * self._seen + weight * np.outer(gradient, gradient)
        step = np.linalg.solve(self._prior + self._seen, weight * gradient)
        self._slope = float(np.clip(self._slope - step[0], *_SLOPES))
        self._offset = float(np.clip(self._offset - step[1], *_OFFSETS))
        self.weight += weight

    def curve(self, in_force: Curve = LEVEL) -> Curve:
        """Return what was learnt as a curve: monotone, bounded, at most a step from `in_force`."""
        knots = np.array(KNOTS)
        scaled = self._slope * knots + self._offset
        learnt = scaled + self._beating(scaled)
        up, down = np.maximum.accumulate(learnt), np.minimum.accumulate(learnt[::-1])[::-1]
        shifts = np.clip((up + down) / 2 - knots, -MOST_SHIFT, MOST_SHIFT)
        moved = np.clip(shifts, np.subtract(in_force, MOST_STEP), np.add(in_force, MOST_STEP))
        return tuple(round(float(shift), 9) for shift in moved)

    def _beating(self, scaled: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return how far the outcomes in the bins are from what was said, in logits."""
        full = self._bins[self._bins[:, 0] > 0]
        if not len(full):
            return np.zeros_like(scaled)
        weight, right, said, centre = full.T
        said, centre = said / weight, centre / weight
        share = (right + _BIN_PRIOR * said) / (weight + _BIN_PRIOR)
        gaps = [logit(float(s)) - logit(float(p)) for s, p in zip(share, said, strict=True)]
        beaten: NDArray[np.float64] = np.interp(scaled, centre, gaps)
        return beaten
