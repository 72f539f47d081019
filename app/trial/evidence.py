"""What a trial can tell at any time: which version is better, and whether the split is sound."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from logo_classifier import LabelledAnswer

ENOUGH = 20.0
"""An e-value from which on the difference is shown: by Ville's inequality a version that is no
better reaches it at any time with a probability of at most 1 in 20."""

SUSPICIOUS = 0.001
"""A p-value of the sample-ratio check below which the assignment is broken.

Fabijan et al., "Diagnosing sample ratio mismatch", KDD 2019.
"""

_MOST_EXPONENT = 700.0


@dataclass(frozen=True, slots=True)
class Pairs:
    """Labelled pictures on which the two versions disagree and one of them is right."""

    candidate_right: int
    serving_right: int

    @property
    def e_value(self) -> float:
        """Return the evidence against "each is right in half of the pairs", valid at any time.

        The ratio of a beta-binomial mixture, with a uniform prior, to fair coin flips. It may be
        looked at after every label (Ramdas et al., 2023, "Game-theoretic statistics and safe
        anytime-valid inference", Statistical Science 38(4)).
        """
        wins, losses = self.candidate_right, self.serving_right
        count = wins + losses
        mixture = math.lgamma(wins + 1) + math.lgamma(losses + 1) - math.lgamma(count + 2)
        return math.exp(min(_MOST_EXPONENT, mixture + count * math.log(2)))

    def to_dict(self) -> dict[str, Any]:
        """Return counts, the e-value and what it says, as JSON-ready values."""
        return {
            "only_candidate_right": self.candidate_right,
            "only_serving_right": self.serving_right,
            "e_value": round(self.e_value, 3),
            "enough": ENOUGH,
            "better": self._better(),
        }

    def _better(self) -> str | None:
        if self.e_value < ENOUGH:
            return None
        return "candidate" if self.candidate_right > self.serving_right else "serving"


def pairs_of(labelled: Iterable[LabelledAnswer], candidate: str) -> Pairs:
    """Return the pairs of requested feedback on which one version alone is right.

    `candidate` is its name/version. A picture counts once, by its first label; answers whose
    feedback was not requested do not count, since people report what is wrong.
    """
    seen: set[str] = set()
    right: Counter[bool] = Counter()
    for each in labelled:
        answer = each.answer
        if not (answer.asked and answer.other) or answer.picture in seen:
            continue
        by_model = {judged.model: judged for judged in (answer.judged, answer.other)}
        if candidate not in by_model or len(by_model) == 1:
            continue
        seen.add(answer.picture)
        mine = by_model.pop(candidate).logo_type is each.true_label
        (others,) = (judged.logo_type is each.true_label for judged in by_model.values())
        if mine != others:
            right[mine] += 1
    return Pairs(candidate_right=right[True], serving_right=right[False])


def sample_ratio_p_value(candidate: int, serving: int, share: float) -> float:
    """Return how likely a split at least as uneven is where a share (0-1) goes to the candidate.

    Pearson's chi-squared test with one degree of freedom (sample-ratio mismatch).
    """
    total = candidate + serving
    spread = total * share * (1 - share)
    if not spread:
        return 1.0 if candidate == total * share else 0.0
    return math.erfc(abs(candidate - total * share) / math.sqrt(2 * spread))
