"""An LRU (least recently used) cache, bounded in bytes."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from operator import itemgetter
from threading import Lock
from typing import Generic, TypeVar

from cachetools import LRUCache

Value = TypeVar("Value")

ENTRY_OVERHEAD_BYTES = 320
"""Memory that the tables of the cache need per entry, in addition to its key and value."""

_LEAVES = (float, str, int, bytes)


class Cache(Generic[Value]):
    """A thread-safe LRU cache of at most `max_bytes`.

    The size of an entry is its value and its key as measured by `measure`, plus the overhead.
    """

    def __init__(self, max_bytes: int) -> None:
        self._store: LRUCache[str, tuple[Value, int]] = LRUCache(max_bytes, itemgetter(1))
        self._lock = Lock()

    def __len__(self) -> int:
        """Return the number of entries."""
        return len(self._store)

    def get(self, key: str) -> Value | None:
        """Return the value of a key, or None."""
        with self._lock:
            found = self._store.get(key)
        return None if found is None else found[0]

    def put(self, key: str, value: Value) -> None:
        """Store a value and evict the least recently used; a value above the bound is not kept."""
        size_bytes = ENTRY_OVERHEAD_BYTES + measure(key) + measure(value)
        with self._lock:
            if size_bytes > self._store.maxsize:
                self._store.pop(key, None)
            else:
                self._store[key] = (value, size_bytes)

    def clear(self) -> int:
        """Remove all entries; return how many there were."""
        with self._lock:
            count = len(self._store)
            self._store.clear()
            return count

    def stats(self) -> dict[str, int]:
        """Return the number of entries and bytes."""
        with self._lock:
            return {"entries": len(self._store), "bytes": int(self._store.currsize)}


def measure(value: object) -> int:
    """Return the memory of a value and of everything that it contains, in bytes.

    A part that several values share is counted for each of them, so a sum is an upper bound.
    Enum members, None and booleans exist once per process and count 0.
    """
    size_bytes = sys.getsizeof(value)
    if type(value) in _LEAVES:
        return size_bytes
    if value is None or isinstance(value, (bool, Enum)):
        return 0
    if isinstance(value, Mapping):
        return size_bytes + sum(measure(key) + measure(part) for key, part in value.items())
    if isinstance(value, (tuple, list)):
        return size_bytes + sum(map(measure, value))
    if is_dataclass(value):
        return size_bytes + sum(measure(getattr(value, part.name)) for part in fields(value))
    return size_bytes
