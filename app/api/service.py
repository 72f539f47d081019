"""The objects that all views share: the settings, the classifier and admission control."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from flask import current_app

from app.api.admission import Admission
from app.classifier import Answering, Classifier
from app.config import Settings
from app.feedback.feedback import Feedback
from app.live.in_force import InForce
from app.traces.context import Recorder
from app.trial.trial import Trial


@dataclass(frozen=True, slots=True)
class Service:
    """The shared objects of one application; `started_seconds` is on the monotonic clock."""

    settings: Settings
    classifier: Classifier
    admission: Admission
    started_seconds: float
    refused: str | None = None
    """The version that was asked for, if it is not fit to serve and another one answers."""
    trial: Trial | None = None
    """The candidate beside the serving version, if there is one that is fit to answer."""

    feedback: Feedback | None = None
    """Where answers and labels are kept, if they are."""

    live: InForce | None = None
    """What requested labels have brought into force, if that is asked for."""

    recorder: Recorder | None = None
    """What records the spans of requests, if this worker traces."""

    def recalibrated(self, answer: dict[str, Any]) -> dict[str, Any]:
        """Return an answer as it is to be given, by the live calibration in force, if any."""
        return self.live.recalibrated(answer) if self.live else answer

    def answering(self, client: str | None) -> Answering:
        """Return who answers a client, which its API key names; None if it has none."""
        return self.trial.answering(self.classifier, client) if self.trial else self.classifier


def service() -> Service:
    """Return the service of the current application."""
    return cast(Service, current_app.extensions["logo"])
