"""Measure the answers of a classifier on drawn pictures, kind by kind."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from tqdm import tqdm

from logo_classifier import HybridClassifier
from logo_classifier.values import LogoType, Method
from training.behaviour.kind import Case

SURE = 0.85
"""Confidence from which on an answer says that it is sure."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one drawn picture."""

    case: Case
    logo_type: LogoType
    confidence: float
    method: str
    holds_truth: bool

    @property
    def right(self) -> bool:
        """Return whether the type is the one that was drawn."""
        return self.logo_type is self.case.truth

    @property
    def sure(self) -> bool:
        """Return whether the answer says that it is sure."""
        return self.confidence >= SURE

    @property
    def honest(self) -> bool:
        """Return whether it is unsure and its prediction set holds the truth."""
        return self.holds_truth and not self.sure


def ask(classifier: HybridClassifier, cases: Iterable[Case]) -> list[Answer]:
    """Classify every picture as the service does."""
    return [_answer(classifier, case) for case in tqdm(cases, desc="behaviour", unit="img")]


def _answer(classifier: HybridClassifier, case: Case) -> Answer:
    result = classifier.classify(case.data)
    return Answer(
        case,
        LogoType(result["logo_type"]),
        result["confidence"],
        result["method_used"],
        case.truth.value in result["prediction_set"],
    )


def score(answers: Sequence[Answer]) -> dict[str, Any]:
    """Return the shares of each kind, and how often the rules are right where they are sure."""
    by_kind: dict[str, list[Answer]] = defaultdict(list)
    for answer in answers:
        by_kind[answer.case.kind].append(answer)
    claims = [a.right for a in answers if a.method == Method.RULE_BASED and a.sure]
    return {
        "pictures": len(answers),
        "kinds": {name: _score_kind(row) for name, row in by_kind.items()},
        "rules_claim": {"threshold": SURE, "pictures": len(claims), "right": _share(claims)},
    }


def _score_kind(answers: Sequence[Answer]) -> dict[str, Any]:
    """Return shares in 0-1; `same_type` only counts logos that are there in several formats."""
    groups: dict[str, set[LogoType]] = defaultdict(set)
    for answer in answers:
        groups[answer.case.group].add(answer.logo_type)
    scores = {
        "truth": answers[0].case.truth.value,
        "pictures": len(answers),
        "right": _share([answer.right for answer in answers]),
        "honest": _share([answer.honest for answer in answers]),
        "right_or_honest": _share([answer.right or answer.honest for answer in answers]),
        "unsure": _share([not answer.sure for answer in answers]),
        "sure_but_wrong": _share([answer.sure and not answer.right for answer in answers]),
        "confidence": float(np.mean([answer.confidence for answer in answers])),
        "answers": dict(sorted(Counter(a.logo_type.value for a in answers).items())),
    }
    if len(groups) < len(answers):
        scores["same_type"] = _share([len(types) == 1 for types in groups.values()])
    return scores


def wrong(answers: Sequence[Answer]) -> list[dict[str, Any]]:
    """Return the answers that are wrong, in the order of the pictures."""
    return [
        {
            "kind": answer.case.kind,
            "name": answer.case.name,
            "truth": answer.case.truth.value,
            "answer": answer.logo_type.value,
            "confidence": answer.confidence,
            "method": answer.method,
        }
        for answer in answers
        if not answer.right
    ]


def _share(marks: Sequence[bool]) -> float:
    """Return the share that is true; 0 of nothing."""
    return float(np.mean(marks)) if marks else 0.0
