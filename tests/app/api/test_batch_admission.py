"""Batches count with all they hold, and give way in pieces."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.api.views.classify import BATCH_PIECE
from logo_classifier import HybridClassifier
from tests.app.api.conftest import FailingClassifier, admission_of, held_body
from tests.app.api.forms import chunked, form

ImageMaker = Callable[..., bytes]
ClientMaker = Callable[..., FlaskClient]

LITTLE_ROOM = {"max_upload_bytes": 4096, "max_batch_bytes": 4096, "max_pending_bytes": 8192}


class SlowClassifier(FailingClassifier):
    """Take longer for a piece of a batch than a request may wait; note what was asked."""

    def __init__(self, answer: dict[str, Any]) -> None:
        super().__init__(RuntimeError("not one by one"))
        self.answer = answer
        self.pieces: list[tuple[int, tuple[object, ...]]] = []

    def classify_batch(
        self, sources: Sequence[bytes], *options: object, **_: object
    ) -> list[dict[str, Any]]:
        self.pieces.append((len(sources), options))
        time.sleep(1.1)
        return [self.answer] * len(sources)


def test_a_batch_counts_with_each_of_its_pictures(
    make_client: ClientMaker, make_image: ImageMaker
) -> None:
    client = make_client(max_pending=4, max_batch_files=3)

    with admission_of(client).pictures(2):
        reply = client.post("/classify/batch", **form(*[make_image()] * 3, field="images"))

    assert (reply.status_code, reply.json["error"]) == (503, "overloaded")
    assert "2 pictures are in work or waiting, of 4 allowed" in reply.json["detail"]


def test_pictures_whose_turn_does_not_come_are_refused_one_by_one(
    make_client: ClientMaker, make_image: ImageMaker, classifier: HybridClassifier
) -> None:
    slow = SlowClassifier(classifier.classify(make_image()))
    sent = form(*[make_image()] * (BATCH_PIECE + 2), field="images", time_budget="0.5")

    reply = make_client(slow, request_timeout_seconds=1).post("/classify/batch", **sent)

    kinds = [item.get("error", {}).get("error") for item in reply.json["results"]]
    assert (reply.status_code, kinds) == (200, [None] * BATCH_PIECE + ["overloaded"] * 2)
    assert reply.json["summary"]["failed"] == 2
    assert slow.pieces == [(BATCH_PIECE, (0.5, "auto"))]


@pytest.mark.parametrize("path", ["/classify", "/classify/batch"])
def test_a_body_that_memory_has_no_room_for_is_refused_while_it_comes_in(
    make_client: ClientMaker, make_image: ImageMaker, path: str
) -> None:
    client = make_client(**LITTLE_ROOM)
    field = "images" if path.endswith("batch") else "image"

    with held_body(client, 8192):
        reply = client.post(path, **form(make_image(), field=field))

    assert (reply.status_code, reply.json["error"]) == (503, "overloaded")


def test_a_body_of_unknown_length_counts_as_it_comes_in(
    make_client: ClientMaker, make_image: ImageMaker
) -> None:
    client = make_client(**LITTLE_ROOM)

    with held_body(client, 8192):
        refused = client.post("/classify", **chunked(make_image()))
    with held_body(client, 4096):
        taken = client.post("/classify", **chunked(make_image()))

    assert (refused.status_code, refused.json["error"]) == (503, "overloaded")
    assert taken.status_code == 200


@pytest.mark.parametrize("declared", [4096, 4000])
def test_a_length_that_is_only_declared_takes_no_room_from_others(
    make_client: ClientMaker, make_image: ImageMaker, declared: int
) -> None:
    client = make_client(**LITTLE_ROOM)
    environs: list[dict[str, Any]] = [{"wsgi.input": BytesIO(b"x")} for _ in range(16)]

    with ExitStack() as slow:
        for environ in environs:
            environ["CONTENT_LENGTH"] = str(declared)
            slow.enter_context(admission_of(client).body(environ))
            environ["wsgi.input"].read(1)
        reply = client.post("/classify", data=make_image(), content_type="image/png")

    assert reply.status_code == 200


def test_a_batch_is_classified_by_the_deadline_of_its_request(
    make_client: ClientMaker, make_image: ImageMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = make_client(request_timeout_seconds=7)
    deadlines: list[object] = []

    def noting(
        sources: Sequence[bytes], *_: object, deadline: object, **__: object
    ) -> list[dict[str, Any]]:
        deadlines.append(deadline)
        return [{"error": {"type": "timed_out", "message": "not in time"}} for _ in sources]

    classifier = client.application.extensions["logo"].classifier
    monkeypatch.setattr(classifier, "classify_batch", noting)
    began = time.monotonic()

    reply = client.post("/classify/batch", **form(*[make_image()] * 9, field="images"))

    assert len(set(deadlines)) == 1
    assert len(deadlines) == 2
    assert began < deadlines[0] <= time.monotonic() + 7
    problems = [item["error"] for item in reply.json["results"]]
    assert {(each["error"], each["status"]) for each in problems} == {("timed_out", 503)}
