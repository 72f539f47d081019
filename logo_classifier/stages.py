"""The stages of the work on a picture, and a clock that tells a listener how long each took."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from enum import StrEnum
from types import TracebackType


class Stage(StrEnum):
    """What a classifier spends time on."""

    DECODE = "decode"
    """Decoding and normalising."""
    FEATURES = "features"
    RULES = "rules"
    NETWORK = "network"
    STORE = "store"
    """Waiting for the shared store; writing to it happens behind the answer."""


OnStage = Callable[[Stage, float], None]
"""Gets a stage and its seconds when it ends, in the thread and the context of the work."""

_NOT_TIMED = nullcontext()


def timed(stage: Stage, on_stage: OnStage | None) -> AbstractContextManager[None]:
    """Tell `on_stage` how long the block takes, also if it raises; None times nothing."""
    return _Clock(stage, on_stage) if on_stage else _NOT_TIMED


class _Clock(AbstractContextManager[None]):
    __slots__ = ("_on_stage", "_stage", "_started")

    def __init__(self, stage: Stage, on_stage: OnStage) -> None:
        self._stage, self._on_stage = stage, on_stage

    def __enter__(self) -> None:
        self._started = time.perf_counter()

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self._on_stage(self._stage, time.perf_counter() - self._started)
