"""Workers share what they answered, and take labels of each other's answers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import psutil
import pytest

from logo_classifier import LogoType, open_feedback
from tests.databases import Cluster, run_postgresql
from tests.waiting import wait_until

from .conftest import Server, ServerMaker, count

PNG = {"Content-Type": "image/png"}
KEYS = ("first-key-0123456789", "second-key-0123456789")


def label(server: Server, request_id: str, true_label: str, key: str) -> tuple[int, str]:
    body = {"request_id": request_id, "true_label": true_label}
    reply = server.post("/feedback", json=body, headers={"X-API-Key": key})
    said = reply.json()
    return reply.status_code, said.get("accepted") or said["error"]


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'feedback.db'}"
    cluster: Cluster = request.getfixturevalue("postgresql")
    return cluster.new_database()


def test_two_workers_take_labels_of_each_others_answers(
    serve: ServerMaker, url: str, make_image: Callable[..., bytes]
) -> None:
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


def test_labels_that_four_workers_accept_outlive_the_kill_of_one(
    serve: ServerMaker, url: str, make_image: Callable[..., bytes]
) -> None:
    with serve(workers=4, feedback_url=url) as server:
        workers = psutil.Process(server.process.pid).children()
        assert len(workers) == 4
        accepted: list[str] = []

        def report(number: int) -> None:
            if len(accepted) >= 20 and workers:
                workers.pop().kill()
                workers.clear()
            picture = make_image(size=(64 + number, 64))
            try:
                reply = server.post("/classify", content=picture, headers=PNG).json()
                body = {"request_id": reply["request_id"], "true_label": "text"}
                told = server.post("/feedback", json=body)
            except httpx.TransportError:  # the worker was killed meanwhile
                return
            if told.status_code == 202:
                accepted.append(reply["request_id"])

        with ThreadPoolExecutor(8) as clients:
            list(clients.map(report, range(80)))

    assert workers == []
    assert len(accepted) > 40
    kept = {each.answer.request_id for each in open_feedback(url).labelled()}
    assert kept >= set(accepted)


def test_a_service_that_stops_writes_what_it_has_answered(
    serve: ServerMaker, url: str, make_image: Callable[..., bytes]
) -> None:
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


def test_a_database_that_is_away_costs_no_answer_and_is_used_when_it_is_back(
    serve: ServerMaker, make_image: Callable[..., bytes]
) -> None:
    def ask(server: Server) -> str:
        reply = server.post("/classify", content=make_image(), headers=PNG)
        assert reply.status_code == 200
        return str(reply.json()["request_id"])

    with run_postgresql() as cluster:
        url = cluster.new_database()
        cluster.stop()
        with serve(workers=2, feedback_url=url) as server:
            body = {"request_id": ask(server), "true_label": "text"}
            told = server.post("/feedback", json=body)
            assert (told.status_code, told.json()["error"]) == (503, "feedback_unavailable")
            assert "Retry-After" in told.headers
            cluster.start()

            def is_kept() -> bool:
                body = {"request_id": ask(server), "true_label": "text"}
                return server.post("/feedback", json=body).status_code == 202

            wait_until(is_kept, "the database is not used again")


def test_reported_pictures_are_kept_exported_and_evaluated(
    serve: ServerMaker, tmp_path: Path, golden: dict[Path, str]
) -> None:
    settings = {
        "LOGO_FEEDBACK_URL": f"sqlite:///{tmp_path / 'feedback.db'}",
        "LOGO_KEEP_FEEDBACK_IMAGES": str(tmp_path / "kept"),
    }
    names = {name.removeprefix("LOGO_").lower(): text for name, text in settings.items()}
    with serve(workers=2, **names) as server:
        for path, true_label in golden.items():
            reply = server.post("/classify", content=path.read_bytes(), headers=PNG)
            body = {"request_id": reply.json()["request_id"], "true_label": true_label}
            assert server.post("/feedback", json=body).status_code == 202
        assert server.stop() == 0

    out = tmp_path / "labels.csv"
    for command in (
        ("-m", "app", "feedback", "export", "--with-pictures", "--out", str(out)),
        ("-m", "training.evaluation.evaluate", "--data", str(out), "--out", str(tmp_path)),
    ):
        subprocess.run([sys.executable, *command], env=os.environ | settings, check=True)
    scores = json.loads((tmp_path / "metrics.json").read_text("utf-8"))
    assert scores["dataset"]["pictures"] == len(golden)
    assert scores["methods"]["auto"]["accuracy"] == 1.0
