"""A two-level cache: the memory of this process, then a store that processes share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from threading import Lock
from typing import Any, Generic

from logo_classifier.caching.circuit_breaker import Store
from logo_classifier.caching.codec import BadRecord
from logo_classifier.caching.lru import Cache, Value
from logo_classifier.stages import OnStage, Stage, timed


class Lookup(StrEnum):
    """The possible results of a look-up."""

    MEMORY = "memory"
    SHARED = "shared"
    JOINED = "joined"
    """Another caller was computing the answer, and both received it."""
    MISS = "miss"


@dataclass(frozen=True, slots=True)
class Counters:
    """Callbacks for each look-up, each stored record that cannot be read, and the store's time."""

    lookup: Callable[[Lookup], None] = lambda _lookup: None
    unreadable: Callable[[], None] = lambda: None
    on_stage: OnStage | None = None


@dataclass(frozen=True)
class SharedLevel(Generic[Value]):
    """The second level: a store that never raises, and functions that write and read values.

    `read` takes the bytes and the digest of the picture that they must belong to.
    """

    store: Store
    write: Callable[[Value], bytes]
    read: Callable[[bytes, str], Value]


class LevelledCache(Generic[Value]):
    """A two-level cache of values about pictures; a key is the picture's digest and a variant.

    Every key starts with `prefix`, which identifies all other inputs of the values.
    """

    def __init__(
        self,
        prefix: str,
        memory: Cache[Value],
        shared: SharedLevel[Value] | None = None,
        counters: Counters | None = None,
    ) -> None:
        self.memory = memory
        self._prefix, self._shared = prefix, shared
        self._counters = counters or Counters()
        self._lock = Lock()
        self._seen = dict.fromkeys(Lookup, 0)
        self._unreadable = 0

    def key(self, sha256: str, variant: str = "") -> str:
        """Return the key of a picture in both levels."""
        return f"{self._prefix}:{sha256}:{variant}"

    def get(self, sha256: str, variant: str = "") -> Value | None:
        """Return the value from the first level that has it, or None."""
        found = self.recall(sha256, variant)
        return self.fetch(sha256, variant) if found is None else found

    def recall(self, sha256: str, variant: str = "") -> Value | None:
        """Return the value from memory, or None; `fetch` counts the miss."""
        found = self.memory.get(self.key(sha256, variant))
        if found is not None:
            self.count(Lookup.MEMORY)
        return found

    def fetch(self, sha256: str, variant: str = "") -> Value | None:
        """Return the value from the store, or None; a hit is copied into memory."""
        found = self._read(self.key(sha256, variant), sha256)
        self.count(Lookup.MISS if found is None else Lookup.SHARED)
        return found

    def put(self, value: Value, sha256: str, variant: str = "") -> None:
        """Store a value in both levels."""
        key = self.key(sha256, variant)
        self.memory.put(key, value)
        if self._shared:
            self._shared.store.set(key, self._shared.write(value))

    def count(self, lookup: Lookup) -> None:
        """Count the result of a look-up."""
        with self._lock:
            self._seen[lookup] += 1
        self._counters.lookup(lookup)

    def stats(self) -> dict[str, Any]:
        """Return the size of the memory level, and hits and misses since the start."""
        held = self.memory.stats()
        with self._lock:
            seen, unreadable = dict(self._seen), self._unreadable
        misses = seen[Lookup.MISS]
        hits = sum(seen.values()) - misses
        return {
            "entries": held["entries"],
            "bytes": held["bytes"],
            "hits": hits,
            "misses": misses,
            "hit_rate": hits / (hits + misses) if hits + misses else 0.0,
            "lookups": {lookup.value: count for lookup, count in seen.items()},
            "unreadable": unreadable,
        }

    def _read(self, key: str, sha256: str) -> Value | None:
        if self._shared is None:
            return None
        with timed(Stage.STORE, self._counters.on_stage):
            data = self._shared.store.get(key)
        if data is None:
            return None
        try:
            found = self._shared.read(data, sha256)
        except BadRecord:
            with self._lock:
                self._unreadable += 1
            self._counters.unreadable()
            return None
        self.memory.put(key, found)
        return found
