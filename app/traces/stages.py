"""The stages of the request that is in work, for metrics, its line in the log and its trace."""

from __future__ import annotations

import time
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum


class ServiceStage(StrEnum):
    """What a request spends time on beside the library's stages."""

    READ = "read"
    """Taking in the body and its parameters."""
    WAIT = "wait"
    """Waiting for a slot."""
    TRACE = "trace"
    """Tracing a picture to SVG."""
    REPLY = "reply"
    """Making the reply of an answer; not sending it."""


@dataclass(frozen=True, slots=True)
class StageTime:
    """One stage that has ended; `ended_ns` is nanoseconds since 1970 (`time.time_ns`)."""

    stage: str
    ended_ns: int
    seconds: float


# Each request has a greenlet, and so a context; work in threads gets a copy of it.
_current: ContextVar[list[StageTime] | None] = ContextVar("stages", default=None)


def begin() -> list[StageTime]:
    """Begin the list of a request, to which the stages in its context are added."""
    ended: list[StageTime] = []
    _current.set(ended)
    return ended


def end() -> None:
    """End the list of a request: what follows in its context is no part of it."""
    _current.set(None)


def note(stage: str, seconds: float) -> bool:
    """Add a stage that has just ended; return whether there is a request to which it belongs."""
    ended = _current.get()
    if ended is None:
        return False
    ended.append(StageTime(stage, time.time_ns(), seconds))
    return True
