"""Remember what was worked out, within bounds."""

from __future__ import annotations

from collections.abc import Hashable
from threading import Lock
from typing import Generic, TypeVar

from cachetools import LRUCache

Value = TypeVar("Value")


class Cache(Generic[Value]):
    """Hold the most recently used values, at most `entries` of them; safe between threads."""

    def __init__(self, entries: int) -> None:
        self._store: LRUCache[Hashable, Value] = LRUCache(entries)
        self._lock = Lock()
        self._hits = 0
        self._misses = 0

    def get(self, key: Hashable) -> Value | None:
        """Return what is stored under the key, or None."""
        with self._lock:
            found = self._store.get(key)
            if found is None:
                self._misses += 1
            else:
                self._hits += 1
            return found

    def put(self, key: Hashable, value: Value) -> None:
        """Store a value, dropping the least recently used one when full."""
        with self._lock:
            self._store[key] = value

    def clear(self) -> int:
        """Forget everything; return how many values there were."""
        with self._lock:
            count = len(self._store)
            self._store.clear()
            return count

    def stats(self) -> dict[str, int]:
        """Return entries, hits and misses since the start."""
        with self._lock:
            return {"entries": len(self._store), "hits": self._hits, "misses": self._misses}
