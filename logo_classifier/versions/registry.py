"""A folder of model versions, `<name>/<version>/`, as training writes them.

`shipped` in the folder names the version that serves by default, and `golden/` holds the pictures
for which each version has its answers recorded.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from logo_classifier.errors import ModelUnavailable
from logo_classifier.network.bundle import CONFIG
from logo_classifier.versions.shipped import read_pointer, shipped_models

METRICS = "metrics.json"
"""The scores of a version, measured by `make evaluate`; not needed to serve."""

_WORD = r"[A-Za-z0-9](?:[A-Za-z0-9._+-]{0,62}[A-Za-z0-9])?"
_NAME = re.compile(rf"{_WORD}/{_WORD}")


def is_version_name(text: str) -> bool:
    """Return whether a text has the form `name/version`, such as `logo-type/1.6.0`."""
    return _NAME.fullmatch(text) is not None and ".." not in text


@dataclass(frozen=True, slots=True)
class Card:
    """What is known of a version without loading it.

    Scores are those of `auto` on `pictures` pictures of `split`, None if none were measured.
    `bytes` is the size of all parts. `error` says why the description cannot be read.
    """

    name: str
    sha256: dict[str, str]
    bytes: int = 0
    pictures: int | None = None
    split: str | None = None
    accuracy: float | None = None
    macro_f1: float | None = None
    expected_calibration_error: float | None = None
    error: str | None = None


class Registry:
    """The model versions below a folder; None means the folder that came with the library.

    Nothing is kept: each call reads the folder anew. Raises ModelUnavailable if no folder is there.
    """

    def __init__(self, folder: str | os.PathLike[str] | None = None) -> None:
        self.folder = shipped_models() if folder is None else Path(folder)
        if not self.folder.is_dir():
            raise ModelUnavailable("the folder of models is not there")

    def versions(self) -> list[str]:
        """Return each `name/version` with a `config.json`, ordered by name, then by version.

        Links that lead out of the folder are left out.
        """
        names = [
            "/".join(path.parent.parts[-2:])
            for path in self.folder.glob(f"*/*/{CONFIG}")
            if path.is_file() and self._holds(path.parent)
        ]
        return sorted(filter(is_version_name, names), key=_order)

    def shipped(self) -> str:
        """Return the version that serves by default; raise ModelUnavailable if none is named."""
        return read_pointer(self.folder)

    def resolve(self, name: str) -> Path:
        """Return the folder of a `name/version`.

        Raises ModelUnavailable, with what there is, for any other text, for a version that is not
        there, and for a link that leads out of the folder of models.
        """
        known = ", ".join(self.versions()) or "none"
        if not is_version_name(name):
            raise ModelUnavailable(
                f"{name[:80]!r} is no model version: write name/version; there are: {known}"
            )
        place = self.folder / name
        if not self._holds(place):
            raise ModelUnavailable(f"{name} is a link that leads out of the folder of models")
        if not (place / CONFIG).is_file():
            raise ModelUnavailable(f"there is no model version {name}; there are: {known}")
        return place

    def _holds(self, place: Path) -> bool:
        return place.resolve().is_relative_to(self.folder.resolve())

    def card(self, name: str) -> Card:
        """Return what is known of a version; raise ModelUnavailable as `resolve` does."""
        place = self.resolve(name)
        try:
            config = json.loads((place / CONFIG).read_text("utf-8"))
            digests = {str(part): str(digest) for part, digest in config["sha256"].items()}
            size = sum((place / part).stat().st_size for part in digests)
            return Card(name, digests, size, **_scores(place / METRICS))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return Card(name, {}, error="its description is damaged")

    def golden_pictures(self) -> Path:
        """Return the folder of golden pictures: that of this folder, else that of the library.

        Raises ModelUnavailable if neither has one.
        """
        for place in (self.folder, shipped_models()):
            if (place / "golden").is_dir():
                return place / "golden"
        raise ModelUnavailable("there are no golden pictures: models/golden is not there")


def _scores(file: Path) -> dict[str, Any]:
    if not file.is_file():
        return {}
    metrics = json.loads(file.read_text("utf-8"))
    scores, data = metrics["methods"]["auto"], metrics["dataset"]
    kept = ("accuracy", "macro_f1", "expected_calibration_error")
    return {
        "pictures": int(data["pictures"]),
        "split": str(data["split"]),
        **{name: float(scores[name]) for name in kept},
    }


def _order(name: str) -> tuple[str, list[tuple[int, str]]]:
    """Return the key that puts 1.10.0 after 1.9.0."""
    model, _, version = name.partition("/")
    parts = re.findall(r"\d+|\D+", version)
    return model, [(int(part), "") if part.isdigit() else (-1, part) for part in parts]
