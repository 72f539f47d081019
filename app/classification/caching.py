"""Put together what a classifier remembers with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from app.classification.answers import Answers
from app.classification.cache import Cache
from app.classification.levels import Counters, LevelledCache, Lookup, SharedLevel
from app.classification.records import read_classification, read_judgement, write_record
from app.classification.shared import ForgivingStore, Store
from app.classification.types import Classification, Judgement

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


class Caches:
    """Hold the caches of one classifier.

    The two prints tell what the values depend on besides the picture, so that no store ever
    answers for another model, calibration, policy or code.
    """

    def __init__(self, caching: Caching, features_print: str, results_print: str) -> None:
        self._store: ForgivingStore | None = None
        if caching.store:
            unreachable = partial(caching.on_failure, UNREACHABLE)
            self._store = ForgivingStore(caching.store, unreachable)
        self.judgements: LevelledCache[Judgement] = self._levels(
            FEATURES, features_print, caching, read_judgement
        )
        results: LevelledCache[Classification] = self._levels(
            RESULTS, results_print, caching, read_classification
        )
        self.answers = Answers(results)

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
