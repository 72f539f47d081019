"""Watch this process's memory and make room."""

from __future__ import annotations

import gc
from collections.abc import Sequence

import psutil

from app.classification.cache import Cache

_BYTES_PER_MB = 1024 * 1024


class MemoryOptimizer:
    """Drop the caches when the process holds more resident memory than the threshold.

    `memory_threshold` is in MB (2^20 bytes) and may be changed at any time; None switches
    the watch off.
    """

    def __init__(self, caches: Sequence[Cache[object]], memory_threshold: float | None) -> None:
        self.memory_threshold = memory_threshold
        self.cleanups = 0
        self._caches = caches
        self._process = psutil.Process()

    def rss_mb(self) -> float:
        """Return the resident memory of this process in MB."""
        return float(self._process.memory_info().rss) / _BYTES_PER_MB

    def relieve(self) -> bool:
        """Clean up if the threshold is passed and there is something to drop; tell whether."""
        threshold = self.memory_threshold
        if threshold is None or not any(map(len, self._caches)):
            return False
        if self.rss_mb() <= threshold:
            return False
        self.cleanup()
        return True

    def cleanup(self) -> dict[str, float]:
        """Drop all caches and collect garbage; return what was freed."""
        before = self.rss_mb()
        dropped = sum(cache.clear() for cache in self._caches)
        gc.collect()
        self.cleanups += 1
        return {"entries_dropped": dropped, "freed_mb": max(0.0, before - self.rss_mb())}
