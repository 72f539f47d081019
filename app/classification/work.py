"""What is in hand while a chunk of pictures is worked on."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from app.classification.answers import Claim
from app.classification.errors import ClassifierError, OutOfMemory
from app.classification.image import LoadedImage
from app.classification.types import Classification, Judgement, Method, Route, Verdict

Outcome = Classification | ClassifierError

_log = logging.getLogger(__name__)


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


@dataclass(slots=True)
class Arrival:
    """Hold a picture whose answer is not known yet; `seconds` is the time spent on it so far.

    `claim` is None where caching is off.
    """

    data: bytes
    sha256: str
    claim: Claim | None
    seconds: float
    outcome: Outcome = field(init=False)

    @property
    def leads(self) -> bool:
        """Tell whether it is to be worked on here, and not waited for."""
        return self.claim is None or self.claim.leads


@dataclass(slots=True)
class Work:
    """Hold one picture that the rules have judged and routed.

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
