"""Workers share what they answered, and take labels of each other's answers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from logo_classifier import LogoType, open_feedback
from tests.waiting import wait_until

from .conftest import Server, ServerMaker, count

PNG = {"Content-Type": "image/png"}
KEYS = ("first-key-0123456789", "second-key-0123456789")


def label(server: Server, request_id: str, true_label: str, key: str) -> tuple[int, str]:
    body = {"request_id": request_id, "true_label": true_label}
    reply = server.post("/feedback", json=body, headers={"X-API-Key": key})
    said = reply.json()
    return reply.status_code, said.get("accepted") or said["error"]


def test_two_workers_take_labels_of_each_others_answers(
    serve: ServerMaker, tmp_path: Path, make_image: Callable[..., bytes]
) -> None:
    url = f"sqlite:///{tmp_path / 'feedback.db'}"
    with serve(workers=2, feedback_url=url, feedback_ask=1, api_keys=",".join(KEYS)) as server:
        ids = []
        for size in range(8):
            picture = make_image(size=(64 + size, 64))
            reply = server.post("/classify", content=picture, headers={**PNG, "X-API-Key": KEYS[0]})
            assert reply.json()["feedback_requested"] is True
            ids.append(reply.json()["request_id"])
        assert [label(server, each, "text", KEYS[0]) for each in ids] == [(202, "new")] * 8
        assert label(server, ids[0], "simple", KEYS[0]) == (202, "repeated")
        assert label(server, ids[0], "simple", KEYS[1]) == (202, "new")
        assert label(server, "never", "text", KEYS[0]) == (404, "unknown_request")
        assert label(server, ids[0], "text", "wrong-key-0123456789") == (401, "unauthorized")
        assert count(server, "logo_feedback_labels_total", outcome="new") == 9
        wait_until(
            lambda: count(server, "logo_feedback_answers_total", outcome="written") == 8,
            "not all answers were counted",
        )

    labelled = list(open_feedback(url).labelled())
    assert [each.answer.request_id for each in labelled] == [*ids, ids[0]]
    assert len({each.client for each in labelled}) == 2


def test_a_service_that_stops_writes_what_it_has_answered(
    serve: ServerMaker, tmp_path: Path, make_image: Callable[..., bytes]
) -> None:
    url = f"sqlite:///{tmp_path / 'feedback.db'}"
    picture = make_image()
    with serve(workers=2, feedback_url=url) as server:
        ids = [
            server.post("/classify", content=picture, headers=PNG).json()["request_id"]
            for _ in range(40)
        ]
        assert server.stop() == 0

    store = open_feedback(url)
    said = [store.add_label(each, LogoType.TEXT, str(at), 1.0) for at, each in enumerate(ids)]
    assert said == ["new"] * 40


def test_a_service_without_a_store_says_so(server: Server) -> None:
    reply = server.post("/feedback", json={"request_id": "a", "true_label": "text"})

    assert (reply.status_code, reply.json()["error"]) == (404, "feedback_off")
