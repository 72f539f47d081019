"""Find the shipped model version, which is the default."""

from __future__ import annotations

from pathlib import Path

from logo_classifier.errors import ModelUnavailable

_PACKAGE = Path(__file__).parents[1]
_PLACES = (_PACKAGE / "models", _PACKAGE.parent / "models")
"""The folder of models in an installed library, and the one in a checkout."""

POINTER = "shipped"
"""The file with one line that names the shipped version: name/version."""


def shipped() -> Path:
    """Return the folder that `models/shipped` names; raise ModelUnavailable if none does."""
    for place in _PLACES:
        pointer = place / POINTER
        if pointer.is_file():
            try:
                return place / pointer.read_text("utf-8").strip()
            except (OSError, ValueError) as error:
                raise ModelUnavailable(f"models/{POINTER} cannot be read") from error
    raise ModelUnavailable(f"no model is shipped: there is no models/{POINTER}")
