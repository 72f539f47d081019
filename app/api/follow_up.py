"""What happens behind a reply: nothing here can change it or keep it waiting."""

from __future__ import annotations

from collections.abc import Sequence

from flask import after_this_request
from flask.wrappers import Response

from app.api.service import service
from app.trial.shadow import Case


def follow_up(cases: Sequence[Case]) -> None:
    """Let the other version of a trial judge pictures, once the reply to this request is sent."""
    trial, serving = service().trial, service().classifier
    if trial is None:
        return

    def judge() -> None:
        for case in cases:
            trial.follow_up(serving, case, asked=False)

    @after_this_request
    def wait_for_the_end(response: Response) -> Response:
        response.call_on_close(judge)
        return response
