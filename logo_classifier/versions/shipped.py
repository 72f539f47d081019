"""Find the shipped model version, which is the default."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from logo_classifier.errors import ModelUnavailable

_PACKAGE = Path(__file__).parents[1]
_PLACES = (_PACKAGE / "models", _PACKAGE.parent / "models")
"""The folder of models in an installed library, and the one in a checkout."""

POINTER = "shipped"
"""The file with one line that names the shipped version: name/version."""


@cache
def shipped() -> Path:
    """Return the folder that `models/shipped` names; raise ModelUnavailable if none does."""
    for place in _PLACES:
        pointer = place / POINTER
        if pointer.is_file():
            return place / pointer.read_text("utf-8").strip()
    raise ModelUnavailable(f"no model is shipped: {_PLACES[0] / POINTER} is missing")
