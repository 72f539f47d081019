"""Build the two caches of one classifier: one for results, one for features and judgements."""

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
from logo_classifier.caching.write_behind import WriteBehind
from logo_classifier.stages import OnStage
from logo_classifier.values import Classification, Judgement

Known = TypeVar("Known", Classification, Judgement)

RESULTS, FEATURES = "results", "features"
STORE_SCHEMES = ("redis://", "rediss://", "unix://", "memcached://")
UNREACHABLE, UNREADABLE, DROPPED = "unreachable", "unreadable", "dropped"


@dataclass(frozen=True, slots=True)
class Caching:
    """The settings of the caches of one classifier.

    `max_bytes` bounds their memory, half for results and half for features. `store` is the
    optional second level, which is asked after a miss in memory. `on_lookup` is called with
    "results" or "features" and the result of the look-up. `on_failure` is called with "unreachable"
    if the store fails, with "unreadable" if a stored record is damaged, and with "dropped" if it is
    too slow to store all that is to be stored.
    """

    max_bytes: int = 64 * 1024 * 1024
    store: Store | None = None
    on_lookup: Callable[[str, Lookup], None] = lambda _cache, _lookup: None
    on_failure: Callable[[str], None] = lambda _why: None


def open_store(url: str) -> Store:
    """Return the store at an address of the scheme redis, rediss, unix or memcached.

    Does not connect yet. Raises ValueError for another address, and ImportError without the extra
    `stores`.
    """
    if not url.startswith(STORE_SCHEMES):
        raise ValueError(f"a store's address begins with one of {', '.join(STORE_SCHEMES)}")
    try:
        from logo_classifier.caching import stores  # noqa: PLC0415 - an extra, only if it is used
    except ImportError as error:
        raise ImportError("stores need an extra: pip install 'logo-classifier[stores]'") from error
    return (stores.MemcachedStore if url.startswith("memcached:") else stores.RedisStore)(url)


class Caches:
    """The caches of one classifier.

    The two fingerprints are parts of the keys. They identify the model, calibration, policy and
    code, so a store never answers for another one of these.
    """

    def __init__(
        self,
        caching: Caching,
        features_fingerprint: str,
        results_fingerprint: str,
        on_stage: OnStage | None = None,
    ) -> None:
        self._on_stage = on_stage
        self._breaker: CircuitBreaker | None = None
        self._store: WriteBehind | None = None
        if caching.store:
            self._breaker = CircuitBreaker(caching.store, partial(caching.on_failure, UNREACHABLE))
            self._store = WriteBehind(self._breaker, partial(caching.on_failure, DROPPED))
        self.judgements: LevelledCache[Judgement] = self._levels(
            FEATURES, features_fingerprint, caching, read_judgement
        )
        results: LevelledCache[Classification] = self._levels(
            RESULTS, results_fingerprint, caching, read_classification
        )
        self.answers = SingleFlight(results)

    @property
    def memories(self) -> list[Cache[Any]]:
        """Return the caches in this process's memory, which can be cleared."""
        return [self.answers.cache.memory, self.judgements.memory]

    def stats(self) -> dict[str, Any]:
        """Return the size and hits of each cache, and failures and waiting writes of the store."""
        return {
            RESULTS: self.answers.cache.stats(),
            FEATURES: self.judgements.stats(),
            "store_failures": self._breaker.failures if self._breaker else 0,
            "store_writes_pending": self._store.pending if self._store else 0,
        }

    def _levels(
        self, name: str, fingerprint: str, caching: Caching, read: Callable[[bytes, str], Known]
    ) -> LevelledCache[Known]:
        shared: SharedLevel[Known] | None = None
        if self._store:
            shared = SharedLevel(self._store, write_record, read)
        counters = Counters(
            partial(caching.on_lookup, name),
            partial(caching.on_failure, UNREADABLE),
            self._on_stage,
        )
        return LevelledCache(
            f"logo:{name}:{fingerprint}", Cache(caching.max_bytes // 2), shared, counters
        )
