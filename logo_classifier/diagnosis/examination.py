"""All that is looked at, in order."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from logo_classifier.diagnosis.finding import Finding, Level
from logo_classifier.diagnosis.machine import (
    examine_clock,
    examine_memory,
    examine_processor,
    examine_share,
)
from logo_classifier.diagnosis.model import examine_model
from logo_classifier.diagnosis.packages import (
    examine_formats,
    examine_packages,
    examine_runtime,
    examine_threads,
)
from logo_classifier.errors import ModelUnavailable
from logo_classifier.versions.registry import Registry


def examine(model: str | os.PathLike[str] | None = None) -> Iterator[Finding]:
    """Yield what is found about this machine, the installed packages and a model.

    `model` is a bundle's folder or weights; None means the shipped version. Takes about a second
    and writes nothing. A model that does not load is a finding and raises nothing.
    """
    yield examine_packages()
    yield examine_runtime()
    yield examine_formats()
    yield examine_processor()
    yield examine_share()
    yield examine_threads()
    yield examine_memory()
    yield examine_clock(Path(__file__))
    try:
        path = Path(model) if model is not None else Registry().resolve(Registry().shipped())
    except ModelUnavailable as error:
        yield Finding("model", Level.FAIL, str(error), "install the package anew")
        return
    yield from examine_model(path)
