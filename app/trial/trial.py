"""One trial of one process: who answers, and what the other version says behind the reply."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from app.classifier import Answering
from app.trial.answering import SplitAnswering
from app.trial.assignment import Assignment
from app.trial.shadow import Case, Shadow
from app.trial.split import FirstSeen


class Mode(StrEnum):
    """What the candidate does."""

    ANSWER = "answer"
    """It answers its share (A/B test)."""
    SHADOW = "shadow"
    """It answers nothing, and judges its share behind the replies."""


@dataclass(frozen=True, slots=True)
class Trial:
    """The candidate beside the serving version; `name` is its name/version.

    `on_unit` gets each new unit of the split: whether the candidate has it. `on_fallback` gets the
    kind of each failure of the candidate.
    """

    candidate: Answering
    name: str
    mode: Mode
    assignment: Assignment
    shadow: Shadow
    on_unit: Callable[[bool], None]
    on_fallback: Callable[[str], None]
    _units: FirstSeen = field(default_factory=FirstSeen)

    def answering(self, serving: Answering, client: str | None) -> Answering:
        """Return who answers a client, which an API key names; None splits by picture."""
        if self.mode is Mode.SHADOW:
            return serving
        return SplitAnswering(
            serving,
            self.candidate,
            lambda picture: self._takes(client or picture.sha256),
            self.on_fallback,
        )

    def follow_up(self, serving: Answering, case: Case, asked: bool) -> None:
        """Let the other version judge a picture whose reply has been sent, if it is to.

        In the shadow those are the candidate's share. In an A/B test they are the pictures whose
        reply asked for feedback: labels of these tell which version is better.
        """
        if self.mode is Mode.SHADOW:
            judge = self.candidate if self._takes(case.picture.sha256) else None
        else:
            judge = (
                (serving if self.has_answered(case.answer) else self.candidate) if asked else None
            )
        if judge:
            self.shadow.take(case, judge)

    def has_answered(self, answer: dict[str, Any]) -> bool:
        """Return whether an answer is the candidate's."""
        model = answer["model"]
        return f"{model['name']}/{model['version']}" == self.name

    def _takes(self, key: str) -> bool:
        takes = self.assignment.takes(key)
        if self._units.is_new(key):
            self.on_unit(takes)
        return takes
