"""Programs that the tests of this room run."""

from __future__ import annotations

import shutil

import pytest


@pytest.fixture
def potrace() -> str:
    """Return the path of the program; skip where it is missing."""
    found = shutil.which("potrace")
    if found is None:
        pytest.skip("potrace is not installed")
    return found
