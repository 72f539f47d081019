"""Fixtures for tests that provoke a failure or need other settings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from threading import Event
from typing import Any

import gevent
import pytest
from flask.testing import FlaskClient

from app.api import create_app
from app.api.admission import Admission
from app.api.service import Classifier, Service
from app.config import Settings
from logo_classifier import HybridClassifier, Picture

ClientMaker = Callable[..., FlaskClient]


def admission_of(client: FlaskClient) -> Admission:
    """Return what bounds the work of a client's application."""
    service: Service = client.application.extensions["logo"]
    return service.admission


@contextmanager
def held_body(client: FlaskClient, size_bytes: int) -> Iterator[None]:
    """Hold a body that has come in, of so many bytes, inside the block."""
    environ: dict[str, Any] = {"wsgi.input": BytesIO(bytes(size_bytes - 1))}  # one is held anyway
    with admission_of(client).body(environ):
        environ["wsgi.input"].read()
        yield


@contextmanager
def busy_slot(client: FlaskClient) -> Iterator[None]:
    """Keep an inference slot busy inside the block."""
    go_on = Event()
    with admission_of(client).pictures(1) as turn:
        work = gevent.spawn(turn.run, go_on.wait, 60)
        gevent.sleep(0.01)
        try:
            yield
        finally:
            go_on.set()
            work.join()


class FailingClassifier:
    """Raise one error at every picture; the network is missing."""

    model_loaded = False

    def __init__(self, error: Exception) -> None:
        self.error = error

    def classify(
        self,
        source: Picture,
        time_budget: float | None = None,
        method: str = "auto",
        *,
        deadline: float | None = None,
        include_features: bool = False,
        include_explanation: bool = False,
        include_tracing: bool = False,
    ) -> dict[str, Any]:
        raise self.error

    def recall(
        self,
        picture: Picture,
        time_budget: float | None = None,
        method: str = "auto",
        *,
        include_features: bool = False,
        include_tracing: bool = False,
    ) -> dict[str, Any] | None:
        return None

    def classify_batch(
        self,
        sources: Sequence[Picture],
        time_budget_per_image: float | None = None,
        method: str = "auto",
        *,
        deadline: float | None = None,
        include_features: bool = False,
        include_explanation: bool = False,
        include_tracing: bool = False,
    ) -> list[dict[str, Any]]:
        raise self.error

    def get_model_info(self) -> dict[str, Any]:
        return {
            "loaded": False,
            "name": None,
            "version": None,
            "rules_version": "1.6.0",
            "error": "/inner/path is missing",
        }

    def get_memory_usage(self) -> dict[str, Any]:
        return {"rss_mb": 1.0, "memory_is_short": False, "model_loaded": False}


@pytest.fixture
def picture(make_image: Callable[..., bytes]) -> bytes:
    """Return a picture as a file."""
    return make_image()


@pytest.fixture
def make_client(classifier: HybridClassifier) -> ClientMaker:
    """Return a maker of clients of an application with its own settings or classifier."""

    def make(own_classifier: Classifier | None = None, **settings: Any) -> FlaskClient:
        return create_app(Settings(**settings), own_classifier or classifier).test_client()

    return make


@pytest.fixture
def make_failing_client(make_client: ClientMaker) -> Callable[[Exception], FlaskClient]:
    """Return a maker of clients whose every classification raises the error given."""
    return lambda error: make_client(FailingClassifier(error))
