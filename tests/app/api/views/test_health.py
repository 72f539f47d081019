"""Probes read the state; they never make it."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from logo_classifier import HybridClassifier

ImageMaker = Callable[..., bytes]
FailingClientMaker = Callable[[Exception], FlaskClient]


@pytest.fixture
def degraded(make_failing_client: FailingClientMaker) -> FlaskClient:
    return make_failing_client(AssertionError("a probe classified something"))


def test_health_reports_the_worker_and_its_network(client: FlaskClient) -> None:
    reply = client.get("/health")

    assert reply.status_code == 200
    assert reply.json["status"] == "healthy"
    assert reply.json["model_loaded"] is True
    assert reply.json["model"]["name"]
    assert reply.json["model"]["version"]
    assert reply.json["model"]["error"] is None
    assert reply.json["memory_mb"] > 1
    assert reply.json["uptime_seconds"] >= 0
    assert reply.json["worker_pid"] == os.getpid()


def test_a_worker_whose_network_serves_is_ready(client: FlaskClient) -> None:
    assert client.get("/health/ready").status_code == 200


def test_a_worker_without_a_network_is_not_ready_but_alive(degraded: FlaskClient) -> None:
    ready = degraded.get("/health/ready")

    assert (ready.status_code, ready.json["status"]) == (503, "degraded")
    assert degraded.get("/health/live").status_code == 200
    assert degraded.get("/health").status_code == 200


def test_a_worker_above_its_memory_is_unhealthy_until_it_is_replaced(
    make_client: Callable[..., FlaskClient],
) -> None:
    classifier = HybridClassifier()
    client = make_client(classifier)
    classifier.memory_optimizer.memory_threshold = 1.0

    for path in ("/health", "/health/ready"):
        reply = client.get(path)
        assert (reply.status_code, reply.json["status"]) == (503, "unhealthy")
    assert client.get("/health/live").status_code == 200
    classifier.memory_optimizer.memory_threshold = None
    assert client.get("/health").json["status"] == "healthy"


def test_a_failed_network_is_reported_by_kind_without_inner_paths(degraded: FlaskClient) -> None:
    reply = degraded.get("/health")

    assert reply.json["model"] == {
        "name": None,
        "version": None,
        "error": "model_unavailable",
        "refused": None,
    }
    assert "/inner/path" not in reply.text


@pytest.mark.parametrize("path", ["/health", "/health/live", "/health/ready"])
def test_no_proxy_may_keep_a_probe_s_answer(client: FlaskClient, path: str) -> None:
    assert client.get(path).headers["Cache-Control"] == "no-store"
