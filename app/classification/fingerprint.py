"""Tell apart answers of different models, calibrations, policies and code."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, is_dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

_DIGITS = 32

_LIBRARIES = ("numpy", "onnxruntime", "opencv-python-headless", "pillow")


def fingerprint(*parts: object) -> str:
    """Return 32 hexadecimal digits that change with the parts and with the library's code.

    Parts are dataclasses and JSON values. The code counts, so that no one has to remember
    to raise a version when a feature is measured in another way.
    """
    text = json.dumps([_code(), *parts], sort_keys=True, default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]


@cache
def _code() -> str:
    """Return one digest over the sources and rules of this package and what they compute with."""
    whole = hashlib.sha256()
    for library in _LIBRARIES:
        whole.update(f"{library} {version(library)}\n".encode())
    package = Path(__file__).parent
    for file in sorted([*package.rglob("*.py"), *package.rglob("rules.json")]):
        whole.update(hashlib.sha256(file.read_bytes()).digest())
    return whole.hexdigest()


def _plain(part: object) -> Any:
    if is_dataclass(part) and not isinstance(part, type):
        return asdict(part)
    if isinstance(part, Path):
        # Where the weights lie is no matter; what they are, their digest tells.
        return part.name
    raise TypeError(f"{type(part).__name__} has no fingerprint")
