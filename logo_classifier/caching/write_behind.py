"""A write-behind queue: a thread stores values, so that no caller waits for the store."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

from logo_classifier.caching.circuit_breaker import Store

MOST_PENDING = 256
"""Writes that wait at most: with a store that is just quick enough, a few seconds' work."""


class WriteBehind:
    """A store whose writes wait in a bounded queue for one thread; reads are asked at once.

    The store must not raise. A write that finds the queue full is dropped, and `on_drop` is called.
    What waits when the process ends is still written.
    """

    def __init__(self, store: Store, on_drop: Callable[[], None] = lambda: None) -> None:
        self._store, self._on_drop = store, on_drop
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="store-writer")
        self._lock = Lock()
        self._pending = 0

    @property
    def pending(self) -> int:
        """Return the number of writes that are not done yet."""
        return self._pending

    def get(self, key: str) -> bytes | None:
        """Return the value of a key, or None."""
        return self._store.get(key)

    def set(self, key: str, value: bytes) -> None:
        """Queue a value to be stored."""
        with self._lock:
            is_full = self._pending >= MOST_PENDING
            if not is_full:
                self._pending += 1
        if is_full:
            self._on_drop()
        else:
            self._writer.submit(self._write, key, value)

    def _write(self, key: str, value: bytes) -> None:
        try:
            self._store.set(key, value)
        finally:
            with self._lock:
                self._pending -= 1
