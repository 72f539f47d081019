"""What each feature adds to a score of the rules.

On its way through a tree a picture passes nodes, each with a score. The step from one node to the
next is the contribution of the feature that was asked (Saabas, "Interpreting random forests",
2014). The scores of the roots and all contributions sum to the score exactly.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from logo_classifier.rules.trees import TYPES, RuleSet, descend
from logo_classifier.values import Features, LogoType


@dataclass(frozen=True, slots=True)
class Contributions:
    """How the rules come to the score of a type less that of another one.

    `base` is the score before any question. `amounts` and `limits`, shape (features,), are in the
    order of the rules' names: what each feature adds, and the limit of its question with the most
    effect, NaN where it was not asked.
    """

    base: float
    amounts: NDArray[np.float64]
    limits: NDArray[np.float64]

    @property
    def score(self) -> float:
        """Return the difference of the two scores: base and amounts together."""
        return self.base + float(self.amounts.sum())


def contributions_of(
    features: Features, rules: RuleSet, kind: LogoType, rival: LogoType
) -> Contributions:
    """Return the contributions to the score of a type less that of its rival."""
    measured = np.array([features.values[name] for name in rules.names])
    trees = np.arange(len(rules.output))
    sign = np.zeros(len(rules.output))
    sign[rules.output == TYPES.index(kind)] = 1
    sign[rules.output == TYPES.index(rival)] = -1
    path = descend(measured, rules)
    scores = rules.value[trees, path] * sign
    steps = np.diff(scores, axis=0).ravel()
    asked = rules.feature[trees, path[:-1]].ravel()
    limits = np.full(len(rules.names), np.nan)
    # What is assigned last stays: the question with the most effect.
    order = np.argsort(np.abs(steps), kind="stable")
    order = order[steps[order] != 0]
    limits[asked[order]] = rules.limit[trees, path[:-1]].ravel()[order]
    amounts = np.bincount(asked, steps, len(rules.names)).astype(np.float64)
    return Contributions(float(scores[0].sum()), amounts, limits)
