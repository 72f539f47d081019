"""Run the examples against the real service."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.conftest import Server, running


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Return a service with default settings."""
    with running(tmp_path_factory.mktemp("examples") / "gunicorn.log") as started:
        yield started
