"""Find the model version that serves when none is named."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from logo_classifier.errors import ModelUnavailable

_PACKAGE = Path(__file__).parents[1]
_PLACES = (_PACKAGE / "models", _PACKAGE.parent / "models")
"""Where an installed library has its models, and where a checkout has them."""

POINTER = "shipped"
"""The file whose one line names the version: name/version."""


@cache
def shipped() -> Path:
    """Return the folder that `models/shipped` names; raise ModelUnavailable if none does."""
    for place in _PLACES:
        pointer = place / POINTER
        if pointer.is_file():
            return place / pointer.read_text("utf-8").strip()
    raise ModelUnavailable(f"no model is shipped: {_PLACES[0] / POINTER} is missing")
