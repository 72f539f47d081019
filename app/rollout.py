"""Bring a model version into service only after it was verified; else keep the last that was."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from pathlib import Path

import msgspec

from app.assembly import build_classifier, model_folder, process_classifier
from app.config import Settings
from logo_classifier import (
    HybridClassifier,
    ModelUnavailable,
    Registry,
    Verification,
    print_of,
    verify,
)

_VERIFIED = "verified.json"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Verified:
    """The version that workers verified last: its path, and the SHA-256 of its `config.json`."""

    path: str
    print: str | None


@dataclass(frozen=True, slots=True)
class Settled:
    """What a worker serves; `refused` is the version that was asked for and is not fit to serve.

    `why` says what is wrong with it; it may name paths, so it is for the log.
    """

    classifier: HybridClassifier
    refused: str | None = None
    why: str | None = None


def settle(settings: Settings, memory: Path) -> Settled:
    """Return a verified classifier for the settings, else one of the last verified version.

    `memory` is the folder in which the workers of a master remember it. Without one that still is
    what it was, the rules answer alone.
    """
    last = _recall(memory)
    asked = process_classifier(settings)
    try:
        path = model_folder(settings).absolute()
        mark = Verified(str(path), print_of(path))
        if not (mark == last and mark.print and asked.model_loaded):
            require(settings, asked)
            _remember(memory, mark)
        return Settled(asked)
    except ModelUnavailable as error:
        why = str(error)
    name = asked_for(settings)
    _log.error("%s is refused: %s", name, why)
    if last and last.print and print_of(last.path) == last.print:
        fallback = build_classifier(settings, Path(last.path))
        if fallback.model_loaded:
            _log.error("the version that was verified last serves on: %s", last.path)
            return Settled(fallback, name, why)
    if asked.model_loaded:
        asked = build_classifier(settings, None, refused=why)
    return Settled(asked, name, why)


def require(settings: Settings, classifier: HybridClassifier | None = None) -> Verification:
    """Verify the model that the settings ask for.

    A given `classifier` has loaded it already. Raises ModelUnavailable with what is wrong.
    """
    registry = None if settings.model_path else Registry(settings.models_dir)
    found = verify(model_folder(settings), classifier, registry=registry)
    if found.problems:
        more = len(found.problems) - 1
        raise ModelUnavailable(found.problems[0] + (f" (and {more} more)" if more else ""))
    return found


def asked_for(settings: Settings) -> str:
    """Return the name/version that the settings ask for, or the variable of a path."""
    if settings.model_path:
        return "LOGO_MODEL_PATH"
    try:
        return settings.model or Registry(settings.models_dir).shipped()
    except ModelUnavailable:
        return "the shipped model"


def _recall(memory: Path) -> Verified | None:
    try:
        return msgspec.json.decode((memory / _VERIFIED).read_bytes(), type=Verified)
    except (OSError, msgspec.DecodeError):  # no worker has verified anything yet
        return None


def _remember(memory: Path, verified: Verified) -> None:
    written = memory / f"{_VERIFIED}.{os.getpid()}"
    try:
        written.write_bytes(msgspec.json.encode(verified))
        written.replace(memory / _VERIFIED)
    except OSError as error:
        _log.warning("the verified version is not remembered: %s", error.strerror)
