"""Build the two caches of one classifier: results, and what the rules made of a picture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from logo_classifier.caching.circuit_breaker import CircuitBreaker, Store
from logo_classifier.caching.codec import read_classification, read_judgement, write_record
from logo_classifier.caching.levels import Counters, LevelledCache, Lookup, SharedLevel
from logo_classifier.caching.lru import Cache
from logo_classifier.caching.single_flight import SingleFlight
from logo_classifier.values import Classification, Judgement

Known = TypeVar("Known", Classification, Judgement)

RESULTS, FEATURES = "results", "features"
UNREACHABLE, UNREADABLE = "unreachable", "unreadable"


@dataclass(frozen=True, slots=True)
class Caching:
    """Say how much is remembered, where else, and who is told what comes of it.

    `max_bytes` bounds the memory of one classifier's caches, half for results and half for
    features; `store` is looked into where the memory knows nothing. `on_lookup` gets "results"
    or "features" and what came of the look-up, `on_failure` "unreachable" or "unreadable" for
    each failure of the store, or of what it holds.
    """

    max_bytes: int = 64 * 1024 * 1024
    store: Store | None = None
    on_lookup: Callable[[str, Lookup], None] = lambda _cache, _lookup: None
    on_failure: Callable[[str], None] = lambda _why: None


def open_store(url: str) -> Store:
    """Return the store at an address of the scheme redis, rediss, unix or memcached.

    Nothing is asked of it yet. Raises ValueError for another address, ImportError without the
    extra `stores`.
    """
    # Clients of stores are an extra, and what nobody asked for is not loaded.
    from logo_classifier.caching.stores import MemcachedStore, RedisStore  # noqa: PLC0415

    return MemcachedStore(url) if url.startswith("memcached://") else RedisStore(url)


class Caches:
    """The caches of one classifier.

    The two prints tell what the values depend on besides the picture, so that no store ever
    answers for another model, calibration, policy or code.
    """

    def __init__(self, caching: Caching, features_print: str, results_print: str) -> None:
        self._store: CircuitBreaker | None = None
        if caching.store:
            unreachable = partial(caching.on_failure, UNREACHABLE)
            self._store = CircuitBreaker(caching.store, unreachable)
        self.judgements: LevelledCache[Judgement] = self._levels(
            FEATURES, features_print, caching, read_judgement
        )
        results: LevelledCache[Classification] = self._levels(
            RESULTS, results_print, caching, read_classification
        )
        self.answers = SingleFlight(results)

    @property
    def memories(self) -> list[Cache[Any]]:
        """Return what is held in this process, and can be cleared."""
        return [self.answers.cache.memory, self.judgements.memory]

    def stats(self) -> dict[str, Any]:
        """Return what each cache holds and how often it helped, and how often the store failed."""
        return {
            RESULTS: self.answers.cache.stats(),
            FEATURES: self.judgements.stats(),
            "store_failures": self._store.failures if self._store else 0,
        }

    def _levels(
        self, name: str, print_: str, caching: Caching, read: Callable[[bytes, str], Known]
    ) -> LevelledCache[Known]:
        shared: SharedLevel[Known] | None = None
        if self._store:
            shared = SharedLevel(self._store, write_record, read)
        counters = Counters(
            partial(caching.on_lookup, name), partial(caching.on_failure, UNREADABLE)
        )
        return LevelledCache(
            f"logo:{name}:{print_}", Cache(caching.max_bytes // 2), shared, counters
        )
