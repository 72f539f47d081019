"""Find the shipped model version, which is the default."""

from __future__ import annotations

from pathlib import Path

from logo_classifier.errors import ModelUnavailable

_PACKAGE = Path(__file__).parents[1]
_PLACES = (_PACKAGE / "models", _PACKAGE.parent / "models")
"""The folder of models in an installed library, and the one in a checkout."""

POINTER = "shipped"
"""The file with one line that names the shipped version: name/version."""


def shipped_models() -> Path:
    """Return the folder of models that came with the library.

    Raises ModelUnavailable if there is none with a pointer to the shipped version.
    """
    for place in _PLACES:
        if (place / POINTER).is_file():
            return place
    raise ModelUnavailable(f"no model is shipped: there is no models/{POINTER}")


def read_pointer(folder: Path) -> str:
    """Return the `name/version` that `shipped` in a folder of models names.

    Raises ModelUnavailable if the file is not there or cannot be read.
    """
    try:
        return (folder / POINTER).read_text("utf-8").strip()
    except (OSError, ValueError) as error:
        raise ModelUnavailable(f"models/{POINTER} cannot be read") from error


def shipped() -> Path:
    """Return the folder that `models/shipped` names; raise ModelUnavailable if none does."""
    folder = shipped_models()
    return folder / read_pointer(folder)
