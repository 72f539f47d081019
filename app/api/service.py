"""The objects that all views share: the settings, the classifier and admission control."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from flask import current_app

from app.api.admission import Admission
from app.classifier import Answering, Classifier
from app.config import Settings
from app.feedback.feedback import Feedback
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

    def answering(self, client: str | None) -> Answering:
        """Return who answers a client, which its API key names; None if it has none."""
        return self.trial.answering(self.classifier, client) if self.trial else self.classifier


def service() -> Service:
    """Return the service of the current application."""
    return cast(Service, current_app.extensions["logo"])
