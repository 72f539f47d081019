"""What happens behind a reply: nothing here can change it or keep it waiting."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask import after_this_request
from flask.wrappers import Response

from app.api.service import service
from app.feedback.feedback import Feedback
from app.trial.shadow import Case


def follow_up(cases: Sequence[Case]) -> list[dict[str, bool]]:
    """Keep answers, and let the other version of a trial judge, once the reply is sent.

    Returns the members about feedback that each answer gets; none while nothing is kept.
    """
    trial, serving, feedback = service().trial, service().classifier, service().feedback
    asked = [bool(feedback and feedback.asks(case.answer["image"]["sha256"])) for case in cases]

    def work() -> None:
        for case, asks in zip(cases, asked, strict=True):
            if feedback:
                feedback.record(case.request_id, case.answer, asks, case.picture.data)
            if trial:
                trial.follow_up(serving, case, asks)

    @after_this_request
    def wait_for_the_end(response: Response) -> Response:
        response.call_on_close(work)
        return response

    return [{"feedback_requested": asks} for asks in asked] if feedback else [{} for _ in cases]


def keeper_of(feedback: Feedback | None) -> Callable[[Case, dict[str, Any]], None] | None:
    """Return what keeps the other version's answer to a case; None while nothing is kept."""
    if feedback is None:
        return None

    def keep(case: Case, other: dict[str, Any]) -> None:
        feedback.record_other(case.request_id, other)

    return keep
