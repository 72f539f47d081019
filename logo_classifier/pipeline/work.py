"""Per-picture state of one run, and what becomes of it."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from logo_classifier.errors import ClassifierError, OutOfMemory
from logo_classifier.pictures.image import LoadedImage
from logo_classifier.pictures.source import Picture
from logo_classifier.values import Classification, Judgement, Method, Route, Verdict

Outcome = Classification | ClassifierError

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Arrival:
    """A picture whose answer is not known yet; `seconds` is the time spent on it so far."""

    picture: Picture
    seconds: float
    outcome: Outcome = field(init=False)


@dataclass(slots=True)
class Work:
    """A picture that the rules have judged and routed.

    `verdict` is the rules' until the network has answered; `error` says why it will not.
    """

    arrival: Arrival
    judgement: Judgement
    image: LoadedImage | None
    route: Route
    verdict: Verdict
    error: ClassifierError | None = None

    @property
    def needs_network(self) -> bool:
        """Tell whether the route asks for more than the rules."""
        return self.route.method is not Method.RULE_BASED


def as_outcome(error: Exception) -> ClassifierError:
    """Return the error that becomes of one picture; what is no refusal is logged.

    A flaw of ours that one picture meets is not to cost the others of a batch their answers.
    """
    if isinstance(error, ClassifierError):
        return error
    if isinstance(error, MemoryError):
        return OutOfMemory("there is no memory for this picture")
    _log.error("a picture was not classified", exc_info=error)
    failure = ClassifierError(type(error).__name__)
    failure.__cause__ = error
    return failure


def repeated(answer: Classification, seconds: float) -> Classification:
    """Return a known answer as given now, after this many seconds."""
    return replace(answer, cached=True, processing_time=seconds, timestamp=now())


def now() -> str:
    """Return the time in UTC as ISO 8601 with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")
