"""Let the other version judge pictures behind the reply, and drop what it has no time for."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from app.classifier import Answering
from logo_classifier import ClassifierError, Picture

MOST_WAITING = 32
"""Pictures that wait to be judged at most."""

MOST_WAITING_BYTES = 32 * 1024 * 1024

_NICENESS = 10

_log = logging.getLogger(__name__)


class Judgement(StrEnum):
    """What became of a picture that the other version was to judge."""

    JUDGED = "judged"
    DROPPED = "dropped"
    """Too many wait, or requests wait for a slot."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Case:
    """A picture that was answered; `answer` is the library's."""

    picture: Picture
    method: str
    answer: dict[str, Any]
    request_id: str


class Shadow:
    """A bounded queue and one thread of low priority that judges after the replies.

    `is_busy` tells whether requests wait for their turn: then nothing is taken. `on_judged` gets
    the case and the other version's answer, `on_outcome` each outcome. No failure reaches a
    request.
    """

    def __init__(
        self,
        is_busy: Callable[[], bool],
        on_judged: Callable[[Case, dict[str, Any]], None],
        on_outcome: Callable[[Judgement], None],
    ) -> None:
        self._is_busy, self._on_judged, self._on_outcome = is_busy, on_judged, on_outcome
        self._thread = ThreadPoolExecutor(1, "shadow", initializer=_give_way)
        self._lock = threading.Lock()
        self._waiting = self._waiting_bytes = 0

    def take(self, case: Case, judge: Answering) -> None:
        """Queue a case for a judge, or drop it."""
        size = len(case.picture.data)
        with self._lock:
            is_full = (
                self._waiting >= MOST_WAITING or self._waiting_bytes + size > MOST_WAITING_BYTES
            )
            if not (is_full or self._is_busy()):
                self._waiting += 1
                self._waiting_bytes += size
                self._thread.submit(self._judge, case, judge, size)
                return
        self._on_outcome(Judgement.DROPPED)

    def _judge(self, case: Case, judge: Answering, size: int) -> None:
        try:
            if self._is_busy():
                self._on_outcome(Judgement.DROPPED)
                return
            answer = judge.classify(case.picture, None, case.method)
            self._on_judged(case, answer)
            self._on_outcome(Judgement.JUDGED)
        except ClassifierError as error:
            _log.warning("the other version gave no answer: %s: %s", error.kind, error)
            self._on_outcome(Judgement.FAILED)
        except Exception:  # noqa: BLE001 - any: a thread has nobody else to tell
            _log.exception("the other version failed")
            self._on_outcome(Judgement.FAILED)
        finally:
            with self._lock:
                self._waiting -= 1
                self._waiting_bytes -= size


def _give_way() -> None:
    """Lower the priority of this thread; Linux gives each thread its own (setpriority(2))."""
    with suppress(OSError, AttributeError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
