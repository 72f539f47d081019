"""What is kept of an answer and of its label, and what a store of them promises.

Nothing here holds a picture, a file name or an API key.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from logo_classifier.values import LogoType, Method, Tier


@dataclass(frozen=True, slots=True)
class Judged:
    """What one model version said of one picture.

    `model` is name/version. `calibration` identifies the live calibration that was in force, empty
    for that of the version alone. `raw_confidence` is the confidence before the live calibration.
    """

    model: str
    calibration: str
    method: Method
    tier: Tier
    logo_type: LogoType
    confidence: float
    raw_confidence: float
    probabilities: Mapping[LogoType, float]
    prediction_set: tuple[LogoType, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer that was given.

    `picture` is the SHA-256 of the picture's bytes. `asked` says whether the reply asked for
    feedback: only labels of such answers may fit anything, since people correct what is wrong and
    are silent on what is right. `other` is what the version that stands beside the answering one
    said, where it was asked. `answered_at` is Unix time in seconds.
    """

    request_id: str
    picture: str
    judged: Judged
    asked: bool
    answered_at: float
    other: Judged | None = None


@dataclass(frozen=True, slots=True)
class LabelledAnswer:
    """An answer with the true type that a client reported; `client` is a salted digest."""

    answer: Answer
    true_label: LogoType
    client: str
    labelled_at: float

    @property
    def right(self) -> bool:
        """Return whether the answer was right."""
        return self.answer.judged.logo_type is self.true_label


class Accepted(StrEnum):
    """What became of a label."""

    NEW = "new"
    REPEATED = "repeated"
    """The client has labelled this picture before; the first label stays."""
    UNKNOWN = "unknown"
    """No answer has this request id."""


class FeedbackStore(Protocol):
    """A store of answers and labels, shared by threads and processes.

    Every call may raise FeedbackUnavailable. What `add_label` has accepted is not lost.
    """

    def add_answers(self, answers: Sequence[Answer]) -> None:
        """Keep answers, in one transaction."""
        ...

    def add_other(self, request_id: str, other: Judged) -> None:
        """Keep what the other version said of the picture of a known answer."""
        ...

    def add_label(self, request_id: str, true_label: LogoType, client: str, at: float) -> Accepted:
        """Keep the label that a client gives to an answer; one a picture and client."""
        ...

    def labelled(self, since: float = 0.0) -> Iterator[LabelledAnswer]:
        """Yield the labelled answers, oldest label first; `since` is Unix time in seconds."""
        ...

    def forget(self, before: float) -> int:
        """Drop answers without a label given before a Unix time; return how many."""
        ...
