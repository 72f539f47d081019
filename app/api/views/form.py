"""Answer the page's form with a page, for browsers that run no scripts."""

from __future__ import annotations

from http import HTTPStatus

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask.wrappers import Response

from app.api.views.classify import answer_one, blueprint
from app.api.views.plain_words import cure, words

_PROBLEM = "application/problem+json"


@blueprint.post("/")
def classify_form() -> ResponseReturnValue:
    """Reply with the type of one logo as a page; keys, rates and bounds are those of /classify."""
    return render_template("answer.html", answer=answer_one(), words=words())


def show_problem(response: Response) -> Response:
    """Turn a problem of the form into a page; its status and its other headers stay."""
    if request.endpoint != f"{blueprint.name}.{classify_form.__name__}":
        return response
    if response.mimetype == _PROBLEM:
        problem = response.get_json()
        page = render_template("problem.html", problem=problem, cure=cure(problem["error"]))
        response.set_data(page)
        response.mimetype = "text/html"
    if response.status_code == HTTPStatus.OK:
        response.headers["Cache-Control"] = "no-store"
    return response
