"""Write answers to the store behind the replies, and drop what it has no time for."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from threading import Lock

from logo_classifier import Answer, FeedbackStore, FeedbackUnavailable, Judged

MOST_WAITING = 4096
"""Answers that wait to be written at most; each takes about 2 KiB."""

MOST_AT_ONCE = 256
"""Answers that one transaction writes, so that other processes do not wait for long."""

_FORGETTING_SECONDS = 3600

_log = logging.getLogger(__name__)


class Recorded(StrEnum):
    """What became of an answer that was to be kept."""

    WRITTEN = "written"
    DROPPED = "dropped"
    """Too many waited."""
    FAILED = "failed"
    """The store failed."""


@dataclass(frozen=True, slots=True)
class OtherJudgement:
    """What the other version of a trial said of the picture of an answer."""

    request_id: str
    judged: Judged


class Recorder:
    """A bounded queue and one thread that writes answers in transactions.

    `open_store` returns the store, or raises FeedbackUnavailable. `on_outcome` gets each outcome
    with its number of answers. Answers without a label are forgotten after `keep_seconds`, at the
    first answer of a process and then at most once an hour. No failure reaches who adds. What waits
    when the process ends is still written.
    """

    def __init__(
        self,
        open_store: Callable[[], FeedbackStore],
        keep_seconds: float,
        on_outcome: Callable[[Recorded, int], None],
    ) -> None:
        self._open_store, self._keep_seconds, self._on_outcome = (
            open_store,
            keep_seconds,
            on_outcome,
        )
        self._writer = ThreadPoolExecutor(1, "feedback-writer")
        self._lock = Lock()
        self._waiting: deque[Answer | OtherJudgement] = deque()
        self._is_writing = False
        self._forget_at_seconds = 0.0

    def add(self, item: Answer | OtherJudgement) -> None:
        """Queue an answer, or what the other version said after it, or drop it."""
        with self._lock:
            is_full = len(self._waiting) >= MOST_WAITING
            if not is_full:
                self._waiting.append(item)
                if not self._is_writing:
                    self._is_writing = True
                    self._writer.submit(self._write_all)
        if is_full:
            self._on_outcome(Recorded.DROPPED, 1)

    def close(self) -> None:
        """Write what waits, and take no more."""
        self._writer.shutdown()

    def _write_all(self) -> None:
        while items := self._next_items():
            try:
                self._write(items)
            except FeedbackUnavailable as error:
                _log.warning("%d answers are not kept: %s", len(items), error)
                self._on_outcome(Recorded.FAILED, len(items))
            except Exception:  # noqa: BLE001 - any: a thread has nobody else to tell
                _log.exception("%d answers are not kept", len(items))
                self._on_outcome(Recorded.FAILED, len(items))

    def _next_items(self) -> list[Answer | OtherJudgement]:
        """Return what the next transaction takes; nothing ends the writing."""
        with self._lock:
            count = min(MOST_AT_ONCE, len(self._waiting))
            self._is_writing = count > 0
            return [self._waiting.popleft() for _ in range(count)]

    def _write(self, items: list[Answer | OtherJudgement]) -> None:
        store = self._open_store()
        if answers := [item for item in items if isinstance(item, Answer)]:
            store.add_answers(answers)
        for item in items:
            if isinstance(item, OtherJudgement):
                store.add_other(item.request_id, item.judged)
        self._on_outcome(Recorded.WRITTEN, len(items))
        if time.monotonic() >= self._forget_at_seconds:
            self._forget_at_seconds = time.monotonic() + _FORGETTING_SECONDS
            self._forget(store)

    def _forget(self, store: FeedbackStore) -> None:
        try:
            store.forget(before=time.time() - self._keep_seconds)
        except FeedbackUnavailable as error:
            _log.warning("old answers are not forgotten yet: %s", error)
