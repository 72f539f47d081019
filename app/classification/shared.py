"""Use a store that processes share, and do without it while it fails."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock
from typing import Protocol

REST_SECONDS = 5.0
"""How long a store that failed is left alone, so that an outage costs no time-out a request."""


class StoreError(Exception):
    """Report a store that is out of reach, too slow or refuses."""


class Store(Protocol):
    """Keep bytes for other processes; calls come from several threads and last no time to speak of.

    Keys are at most 250 printable ASCII characters. Both calls raise StoreError.
    """

    def get(self, key: str) -> bytes | None:
        """Return what is stored under the key, or None."""
        ...

    def set(self, key: str, value: bytes) -> None:
        """Store a value for a while."""
        ...


class ForgivingStore:
    """Turn the failures of a store into misses, and let it rest after each.

    One caller tries it again after `REST_SECONDS`; the others do once that went well.
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
        self._retry_at_seconds: float | None = None

    @property
    def failures(self) -> int:
        """Return how often the store failed since the start."""
        return self._failures

    def get(self, key: str) -> bytes | None:
        """Return what is stored under the key, or None, also where the store cannot be used."""
        if not self._may_try():
            return None
        try:
            found = self._store.get(key)
        except StoreError:
            self._rest()
            return None
        self._trust()
        return found

    def set(self, key: str, value: bytes) -> None:
        """Store a value if the store can be used."""
        if not self._may_try():
            return
        try:
            self._store.set(key, value)
        except StoreError:
            self._rest()
        else:
            self._trust()

    def _may_try(self) -> bool:
        with self._lock:
            if self._retry_at_seconds is None:
                return True
            now_seconds = self._clock()
            if now_seconds < self._retry_at_seconds:
                return False
            # The others wait for what becomes of this one try.
            self._retry_at_seconds = now_seconds + REST_SECONDS
            return True

    def _rest(self) -> None:
        with self._lock:
            self._failures += 1
            self._retry_at_seconds = self._clock() + REST_SECONDS
        self._on_failure()

    def _trust(self) -> None:
        if self._retry_at_seconds is not None:
            with self._lock:
                self._retry_at_seconds = None
