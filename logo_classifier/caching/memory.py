"""Watch the memory of this process, and drop the caches if it is short."""

from __future__ import annotations

import gc
import time
from collections.abc import Sequence
from typing import Self

import psutil

from logo_classifier.caching.lru import Cache

_BYTES_PER_MB = 1024 * 1024
_ROOM_MB = 1024.0
_PAUSE_SECONDS = 10.0
_LOOK_SECONDS = 0.1
"""How long a measurement is reused. One per request would cost as much as a cache hit."""


class MemoryOptimizer:
    """Drop the caches when the process holds more resident memory than the threshold.

    `memory_threshold` is in MB (2^20 bytes) and may be changed at any time. None turns the watch
    off. `relieve` is debounced: it does not drop the caches again within some seconds, because
    something else may hold the memory.
    """

    def __init__(self, caches: Sequence[Cache[object]], memory_threshold: float | None) -> None:
        self.memory_threshold = memory_threshold
        self.cleanups = 0
        self._caches = caches
        self._process = psutil.Process()
        self._rss_mb, self._looked_seconds = 0.0, -_LOOK_SECONDS
        self._cleaned_seconds: float | None = None

    @classmethod
    def with_room(cls, caches: Sequence[Cache[object]], cached_bytes: int) -> Self:
        """Return one with a threshold of 1 GiB above the memory in use plus the caches' bound.

        A fixed threshold would drop the caches of a process that is large for other reasons.
        """
        optimizer = cls(caches, None)
        cached_mb = cached_bytes / _BYTES_PER_MB
        optimizer.memory_threshold = optimizer.rss_mb() + cached_mb + _ROOM_MB
        return optimizer

    def rss_mb(self) -> float:
        """Return the resident memory of this process in MB, at most a tenth of a second old."""
        if time.monotonic() - self._looked_seconds >= _LOOK_SECONDS:
            return self._look()
        return self._rss_mb

    def _look(self) -> float:
        self._rss_mb = float(self._process.memory_info().rss) / _BYTES_PER_MB
        self._looked_seconds = time.monotonic()
        return self._rss_mb

    @property
    def is_short(self) -> bool:
        """Return whether the process holds more than the threshold."""
        return self.memory_threshold is not None and self.rss_mb() > self.memory_threshold

    def relieve(self) -> bool:
        """Clean up if memory is short, there is something to drop and the pause is over.

        Returns whether it did.
        """
        if not any(map(len, self._caches)) or not self.is_short or self._has_just_cleaned():
            return False
        self.cleanup()
        return True

    def make_room(self) -> bool:
        """Clean up at once if memory is short; return whether it is not, or no longer."""
        if self.is_short:
            self.cleanup()
        return not self.is_short

    def cleanup(self) -> dict[str, float]:
        """Drop all caches and collect garbage; return `entries_dropped` and `freed_mb`."""
        before = self._look()
        dropped = sum(cache.clear() for cache in self._caches)
        gc.collect()
        self.cleanups += 1
        self._cleaned_seconds = time.monotonic()
        return {"entries_dropped": dropped, "freed_mb": max(0.0, before - self._look())}

    def _has_just_cleaned(self) -> bool:
        cleaned = self._cleaned_seconds
        return cleaned is not None and time.monotonic() - cleaned < _PAUSE_SECONDS
