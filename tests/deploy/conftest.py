"""Give the tests of deployments the real service."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.conftest import ServerMaker, running


@pytest.fixture
def serve(tmp_path: Path) -> ServerMaker:
    """Return a maker of servers with their own settings, each for a `with` block."""
    return lambda **settings: running(tmp_path / "gunicorn.log", **settings)
