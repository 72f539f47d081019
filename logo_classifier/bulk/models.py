"""Say which model a job asks, so that every worker and every resume can check it."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from logo_classifier import ModelUnavailable, Registry, is_version_name, print_of
from logo_classifier.bulk.refusals import BulkError


@dataclass(frozen=True, slots=True)
class Model:
    """A model version by its name, or a bundle or weights at a `path`.

    `print` is the SHA-256 of its `config.json`, which names all its parts by theirs; without one
    it is that of the weights.
    """

    name: str
    path: str | None
    print: str

    def locate(self) -> Path:
        """Return where the model is on this machine; raise BulkError if it is not this one."""
        place = Path(self.path) if self.path else _resolve(self.name)
        if (found := _print(place)) != self.print:
            raise BulkError(f"{self.name} here has the digest {found}, the job's has {self.print}")
        return place


def find_model(wanted: str | None) -> Model:
    """Return the model of a version's name or of a path; None means the shipped version."""
    if wanted is None or is_version_name(wanted):
        name = wanted or _shipped()
        return Model(name, None, _print(_resolve(name)))
    if not os.path.exists(wanted):
        raise BulkError(f"no model at {wanted!r}; `models list` shows the versions")
    place = os.path.abspath(wanted)
    return Model(os.path.basename(place), place, _print(Path(place)))


def _shipped() -> str:
    try:
        return Registry().shipped()
    except ModelUnavailable as error:
        raise BulkError(str(error)) from error


def _resolve(name: str) -> Path:
    try:
        return Registry().resolve(name)
    except ModelUnavailable as error:
        raise BulkError(str(error)) from error


def _print(place: Path) -> str:
    if digest := print_of(place):
        return digest
    try:
        with open(place, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise BulkError(f"the model {place} cannot be read: {error.strerror}") from error
