"""Answer by the candidate where a picture is assigned to it, and by the serving version elsewhere.

A candidate that fails costs no answer: the serving version gives it then, and a metric says so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Any

from app.classifier import Answering
from logo_classifier import ClassifierError, ModelUnavailable, OutOfMemory, Picture, Tier

_FAULTS = {error.kind for error in (ClassifierError, ModelUnavailable, OutOfMemory)}
"""Kinds of errors that are not the picture's; a deadline that has passed is past for both."""


@dataclass(frozen=True, slots=True)
class SplitAnswering:
    """The two versions as one; `takes` says which pictures are the candidate's.

    `on_fallback` gets the kind of each failure of the candidate.
    """

    serving: Answering
    candidate: Answering
    takes: Callable[[Picture], bool]
    on_fallback: Callable[[str], None]

    def classify(
        self,
        source: Picture,
        time_budget: float | None = None,
        method: str = "auto",
        *,
        deadline: float | None = None,
        include_features: bool = False,
        include_explanation: bool = False,
        include_tracing: bool = False,
    ) -> dict[str, Any]:
        """Return the answer for one picture; raise a ClassifierError if there is none."""
        options: dict[str, Any] = {
            "deadline": deadline,
            "include_features": include_features,
            "include_explanation": include_explanation,
            "include_tracing": include_tracing,
        }
        if self.takes(source):
            try:
                answer = self.candidate.classify(source, time_budget, method, **options)
            except ClassifierError as error:
                if error.kind not in _FAULTS:
                    raise
                self.on_fallback(error.kind)
            else:
                if not _is_degraded(answer):
                    return answer
                self.on_fallback(ModelUnavailable.kind)
        return self.serving.classify(source, time_budget, method, **options)

    def recall(
        self,
        picture: Picture,
        time_budget: float | None = None,
        method: str = "auto",
        *,
        include_features: bool = False,
        include_tracing: bool = False,
    ) -> dict[str, Any] | None:
        """Return the answer that this process remembers, or None; waits for nothing."""
        chosen = self.candidate if self.takes(picture) else self.serving
        return chosen.recall(
            picture,
            time_budget,
            method,
            include_features=include_features,
            include_tracing=include_tracing,
        )

    def classify_batch(
        self,
        sources: Sequence[Picture],
        time_budget_per_image: float | None = None,
        method: str = "auto",
        *,
        deadline: float | None = None,
        include_features: bool = False,
        include_explanation: bool = False,
        include_tracing: bool = False,
    ) -> list[dict[str, Any]]:
        """Return an answer or `{"error": {"type", "message"}}` for each picture, in order."""
        options: dict[str, Any] = {
            "deadline": deadline,
            "include_features": include_features,
            "include_explanation": include_explanation,
            "include_tracing": include_tracing,
        }

        def ask(version: Answering, wanted: list[bool]) -> dict[int, dict[str, Any]]:
            pictures = list(compress(sources, wanted))
            answers = (
                version.classify_batch(pictures, time_budget_per_image, method, **options)
                if pictures
                else []
            )
            return dict(zip(compress(range(len(sources)), wanted), answers, strict=True))

        mine = ask(self.candidate, [self.takes(picture) for picture in sources])
        kept = {place: answer for place, answer in mine.items() if not self._failed(answer)}
        answers = kept | ask(self.serving, [place not in kept for place in range(len(sources))])
        return [answers[place] for place in range(len(sources))]

    def _failed(self, answer: dict[str, Any]) -> bool:
        kind = answer["error"]["type"] if "error" in answer else ""
        if not kind and _is_degraded(answer):
            kind = ModelUnavailable.kind
        if kind in _FAULTS:
            self.on_fallback(kind)
        return kind in _FAULTS


def _is_degraded(answer: dict[str, Any]) -> bool:
    return bool(answer["routing_decision"]["tier"] == Tier.DEGRADED)
