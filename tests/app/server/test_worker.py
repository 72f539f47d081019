"""When a worker takes a connection; how workers serve is seen in tests/e2e."""

from __future__ import annotations

from types import SimpleNamespace
from unittest.mock import Mock

import pytest
from gunicorn.workers.gthread import ThreadWorker

from app.api import create_app
from app.api.admission import Room
from app.config import Settings
from app.server.worker import BoundedThreadWorker
from logo_classifier import HybridClassifier


@pytest.mark.parametrize(("workers", "waits"), [(1, []), (2, [0.002])])
def test_a_worker_with_pictures_in_work_leaves_connections_to_siblings_if_it_has_any(
    workers: int, waits: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    monkeypatch.setattr(Room, "wait_until_empty", lambda _room, seconds: waited.append(seconds))
    accepted = Mock()
    monkeypatch.setattr(ThreadWorker, "accept", accepted)
    app = create_app(Settings(), Mock(spec=HybridClassifier))
    worker = object.__new__(BoundedThreadWorker)
    worker.cfg, worker.wsgi = SimpleNamespace(workers=workers), app
    # Open connections are no work: they may be silent or slow.
    worker._began_seconds = dict.fromkeys(range(20), 0.0)

    worker.accept(Mock())
    with app.extensions["logo"].admission.pictures(2):
        worker.accept(Mock())

    assert waited == waits
    assert accepted.call_count == 2
