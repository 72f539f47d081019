"""Fingerprints of everything that answers and features depend on, for cache keys.

A fingerprint covers the code, so nobody has to raise a version when a feature changes. Answers
depend on the whole library. Features depend only on the packages that compute them, so an edit of
a store's client leaves stored features valid.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, is_dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).parents[1]

BEHIND_FEATURES = (
    "pictures",
    "rules",
    "rules/rules.json",
    "decision",
    "pipeline/sequence.py",
    "versions/loaded.py",
    "caching/codec.py",
    "values.py",
    "errors.py",
)
"""The packages and modules that features and the rules' verdict depend on."""

BEHIND_RESULTS = (".", "rules/rules.json")

_DIGITS = 32
_LIBRARIES = (
    "msgspec",
    "numpy",
    "onnxruntime",
    "opencv-python-headless",
    "opencv-python",
    "pillow",
)


def fingerprint_features(*parts: object) -> str:
    """Return 32 hexadecimal digits that change with the parts and the code behind features."""
    return _fingerprint(_code(PACKAGE, BEHIND_FEATURES), parts)


def fingerprint_results(*parts: object) -> str:
    """Return 32 hexadecimal digits that change with the parts and any code of the library.

    Parts are dataclasses and JSON values. Raises TypeError for other types.
    """
    return _fingerprint(_code(PACKAGE, BEHIND_RESULTS), parts)


def _fingerprint(code: str, parts: Sequence[object]) -> str:
    text = json.dumps([code, *parts], sort_keys=True, default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]


@cache
def _code(package: Path, places: tuple[str, ...]) -> str:
    """Return one digest over source files, rules and the versions of third-party libraries."""
    whole = hashlib.sha256()
    for library in _LIBRARIES:
        whole.update(f"{library} {_version(library)}\n".encode())
    for file in sorted({file for place in places for file in _files(package / place)}):
        whole.update(f"{file.relative_to(package).as_posix()}\n".encode())
        whole.update(hashlib.sha256(file.read_bytes()).digest())
    return whole.hexdigest()


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:  # such as OpenCV under one of its other names
        return "absent"


def _files(place: Path) -> Iterator[Path]:
    if place.is_file():
        yield place
    yield from place.rglob("*.py")


def _plain(part: object) -> Any:
    if is_dataclass(part) and not isinstance(part, type):
        return asdict(part)
    if isinstance(part, Path):
        # The folder of the weights does not matter: their digest identifies them.
        return part.name
    raise TypeError(f"{type(part).__name__} has no fingerprint")
