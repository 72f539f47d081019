"""Verify a model version before it serves: digests, loading, and its recorded golden answers."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from logo_classifier.errors import ClassifierError, ModelUnavailable
from logo_classifier.hybrid import HybridClassifier
from logo_classifier.network.bundle import CONFIG
from logo_classifier.versions.golden import GOLDEN, differences, read_record
from logo_classifier.versions.registry import Registry


@dataclass(frozen=True, slots=True)
class Verification:
    """What a verification found; a version without `problems` is fit to serve.

    `print` is the SHA-256 of its `config.json`, which names all its parts by theirs; None if there
    is none. `recorded` is the number of golden pictures with recorded answers, 0 if none are.
    """

    print: str | None
    recorded: int
    problems: tuple[str, ...]


def print_of(path: str | os.PathLike[str]) -> str | None:
    """Return the SHA-256 of the `config.json` of a bundle, None if it has none."""
    try:
        return hashlib.sha256(_config(Path(path)).read_bytes()).hexdigest()
    except OSError:
        return None


def verify(
    path: str | os.PathLike[str],
    classifier: HybridClassifier | None = None,
    *,
    registry: Registry | None = None,
) -> Verification:
    """Check a bundle's digests, load it, and compare its answers with the recorded ones.

    A given `classifier` has loaded this bundle already; its caches and counters stay untouched.
    `registry` has the golden pictures, by default the one that came with the library.
    A bundle in which nothing is recorded passes with `recorded` 0.
    """
    mark = print_of(path)
    loaded = classifier or HybridClassifier(path, enable_caching=False)
    if error := loaded.get_model_info()["error"]:
        return Verification(mark, 0, (error,))
    asked = loaded.without_caches()

    def ask(picture: bytes, method: str) -> Mapping[str, Any]:
        return asked.classify(picture, method=method)

    try:
        record = read_record(_config(Path(path)).parent, _golden_digest(path))
        if record is None:
            return Verification(mark, 0, ())
        pictures = (registry or Registry()).golden_pictures()
        problems = differences(record, pictures, ask)
    except ClassifierError as error:
        return Verification(mark, 0, (str(error),))
    except OSError as error:
        return Verification(mark, 0, (f"the golden pictures cannot be read: {error.strerror}",))
    return Verification(mark, len(record.pictures), tuple(problems))


def _config(path: Path) -> Path:
    return (path if path.is_dir() else path.parent) / CONFIG


def _golden_digest(path: str | os.PathLike[str]) -> str | None:
    try:
        digest = json.loads(_config(Path(path)).read_text("utf-8")).get("sha256", {}).get(GOLDEN)
    except FileNotFoundError:  # bare weights without a description
        return None
    except (OSError, ValueError, AttributeError) as error:
        raise ModelUnavailable(f"the model's description is wrong: {error!r}") from error
    return None if digest is None else str(digest)
