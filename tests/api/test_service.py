"""Work at once is bounded, and who must wait too long is told so."""

from __future__ import annotations

from collections.abc import Callable

from flask.testing import FlaskClient

from app.api.service import Service

ImageMaker = Callable[..., bytes]
ClientMaker = Callable[..., FlaskClient]


def test_a_request_that_finds_no_slot_in_time_is_told_when_to_come_back(
    make_client: ClientMaker, make_image: ImageMaker
) -> None:
    client = make_client(inference_slots=1, slot_wait_seconds=0)
    service: Service = client.application.extensions["logo"]

    with service.inference_slot():
        reply = client.post("/classify", data=make_image(), content_type="image/png")

    assert (reply.status_code, reply.json["error"]) == (503, "overloaded")
    assert reply.headers["Retry-After"] == "1"


def test_probes_are_answered_while_every_slot_is_busy(make_client: ClientMaker) -> None:
    client = make_client(inference_slots=1, slot_wait_seconds=0)
    service: Service = client.application.extensions["logo"]

    with service.inference_slot():
        assert client.get("/health").status_code == 200
        assert client.get("/metrics").status_code == 200


def test_a_failed_request_gives_its_slot_back(
    make_client: ClientMaker, make_image: ImageMaker
) -> None:
    client = make_client(inference_slots=1, slot_wait_seconds=0)

    for _ in range(3):
        client.post("/classify", data=b"x", content_type="image/png")
    reply = client.post("/classify", data=make_image(), content_type="image/png")

    assert reply.status_code == 200
