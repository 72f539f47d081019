"""Per-picture state of one run, and its outcome."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from logo_classifier.errors import ClassifierError, OutOfMemory
from logo_classifier.network.runtime import Evidence
from logo_classifier.pictures.header import Picture
from logo_classifier.pictures.image import LoadedImage
from logo_classifier.values import Classification, ImageFacts, Judgement, Method, Route, Verdict

Outcome = Classification | ClassifierError

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Arrival:
    """A picture without an answer yet; `seconds` is the time spent on it so far."""

    picture: Picture
    seconds: float
    outcome: Outcome = field(init=False)


@dataclass(slots=True)
class Work:
    """A picture that has been routed.

    `rules` is the rules' judgement, None where nobody asks for it. `verdict` is the answer so far,
    None until the network has answered. `error` is the outcome if the picture does not decode.
    `evidence` is what the network's logits are the sum of, None unless it is to be explained.
    """

    arrival: Arrival
    facts: ImageFacts
    rules: Judgement | None
    image: LoadedImage | None
    route: Route
    verdict: Verdict | None
    error: ClassifierError | None = None
    evidence: Evidence | None = None

    @property
    def needs_network(self) -> bool:
        """Return whether the route needs the network."""
        return self.route.method is not Method.RULE_BASED


def as_outcome(error: Exception) -> ClassifierError:
    """Return the outcome of one picture that failed; log unexpected errors.

    An unexpected error of one picture must not cost the other pictures of a batch their answers.
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
    """Return a cached answer with the current time and its own processing time in seconds."""
    return replace(answer, cached=True, processing_time=seconds, timestamp=now())


def now() -> str:
    """Return the current time in UTC as ISO 8601 with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")
