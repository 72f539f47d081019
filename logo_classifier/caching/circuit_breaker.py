"""A circuit breaker around a store that processes share (Nygard, Release It!, 2007)."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from statistics import median
from threading import Lock
from typing import Protocol

OPEN_SECONDS = 5.0
"""How long the breaker stays open after a failure. An outage must not cost every request a
time-out."""


SLOW_SECONDS = 0.025
"""From this median on a store is as bad as one that fails: a picture takes about as long."""

_WINDOW = 9
"""Calls over which the median is taken."""


class StoreError(Exception):
    """A store that is unreachable, too slow, or refuses a request."""


class Store(Protocol):
    """A key-value store that processes share; implementations must be thread-safe and fast.

    Keys are at most 250 printable ASCII characters. Both methods raise StoreError.
    """

    def get(self, key: str) -> bytes | None:
        """Return the value of a key, or None."""
        ...

    def set(self, key: str, value: bytes) -> None:
        """Store a value for a limited time."""
        ...


class CircuitBreaker:
    """A store that turns failures into misses, with the states closed, open and half-open.

    A failure opens the breaker, and so does a store whose median call is slower than
    `SLOW_SECONDS`: it would cost each picture more than it spares. While it is open nobody asks
    the store. After `OPEN_SECONDS` it is half-open: one caller tries the store, and a quick success
    closes the breaker for all callers.
    `on_failure` is called at each failure.
    """

    def __init__(
        self,
        store: Store,
        on_failure: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store, self._on_failure, self._clock = store, on_failure, clock
        self._lock = Lock()
        self._failures = 0
        self._took_seconds: deque[float] = deque(maxlen=_WINDOW)
        self._retry_at_seconds: float | None = None

    @property
    def failures(self) -> int:
        """Return how often the store failed since the start."""
        return self._failures

    def get(self, key: str) -> bytes | None:
        """Return the value of a key, or None if there is none or the breaker is open."""
        if not self._may_try():
            return None
        started_seconds = self._clock()
        try:
            found = self._store.get(key)
        except StoreError:
            self._open()
            return None
        self._judge(self._clock() - started_seconds)
        return found

    def set(self, key: str, value: bytes) -> None:
        """Store a value unless the breaker is open."""
        if not self._may_try():
            return
        started_seconds = self._clock()
        try:
            self._store.set(key, value)
        except StoreError:
            self._open()
        else:
            self._judge(self._clock() - started_seconds)

    def _may_try(self) -> bool:
        with self._lock:
            if self._retry_at_seconds is None:
                return True
            now_seconds = self._clock()
            if now_seconds < self._retry_at_seconds:
                return False
            # Half-open: the breaker stays open for all other callers during this trial.
            self._retry_at_seconds = now_seconds + OPEN_SECONDS
            return True

    def _judge(self, took_seconds: float) -> None:
        """Close the breaker after a quick call; open it if calls are slow more often than not."""
        with self._lock:
            self._took_seconds.append(took_seconds)
            is_trial = self._retry_at_seconds is not None
            is_known = len(self._took_seconds) == _WINDOW
            slow = took_seconds if is_trial or not is_known else median(self._took_seconds)
        if slow > SLOW_SECONDS and (is_trial or is_known):
            self._open()
        else:
            self._close()

    def _open(self) -> None:
        with self._lock:
            self._took_seconds.clear()
            self._failures += 1
            self._retry_at_seconds = self._clock() + OPEN_SECONDS
        self._on_failure()

    def _close(self) -> None:
        if self._retry_at_seconds is not None:
            with self._lock:
                self._retry_at_seconds = None
