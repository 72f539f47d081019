"""A least-recently-used cache, bounded in bytes."""

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
"""What the tables of the cache hold for an entry besides its key and its value."""

_LEAVES = (float, str, int, bytes)


class Cache(Generic[Value]):
    """Hold the most recently used values, at most `max_bytes` of them; safe between threads.

    A value counts with the memory that `measure` finds, its key and the tables' share included.
    """

    def __init__(self, max_bytes: int) -> None:
        self._store: LRUCache[str, tuple[Value, int]] = LRUCache(max_bytes, itemgetter(1))
        self._lock = Lock()

    def __len__(self) -> int:
        """Return how many values are held."""
        return len(self._store)

    def get(self, key: str) -> Value | None:
        """Return what is stored under the key, or None."""
        with self._lock:
            found = self._store.get(key)
        return None if found is None else found[0]

    def put(self, key: str, value: Value) -> None:
        """Store a value in place of those used least recently; one above the bound is not kept."""
        size_bytes = ENTRY_OVERHEAD_BYTES + measure(key) + measure(value)
        with self._lock:
            if size_bytes > self._store.maxsize:
                self._store.pop(key, None)
            else:
                self._store[key] = (value, size_bytes)

    def clear(self) -> int:
        """Forget everything; return how many values there were."""
        with self._lock:
            count = len(self._store)
            self._store.clear()
            return count

    def stats(self) -> dict[str, int]:
        """Return how many entries and bytes are held."""
        with self._lock:
            return {"entries": len(self._store), "bytes": int(self._store.currsize)}


def measure(value: object) -> int:
    """Return the bytes of memory of a value and all it holds.

    Parts that several values share are counted with each of them, so a sum errs upwards;
    members of enumerations, None and booleans exist once in a process and count nothing.
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
