"""Memory first, then a store that others share."""

from __future__ import annotations

import pytest

from logo_classifier.caching.codec import BadRecord
from logo_classifier.caching.levels import Counters, LevelledCache, Lookup, SharedLevel
from logo_classifier.caching.lru import Cache

ONE, OTHER = "1" * 64, "2" * 64


class DictStore:
    """Keep values in a dict, and tell how often it was asked."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.asked = 0

    def get(self, key: str) -> bytes | None:
        self.asked += 1
        return self.kept.get(key)

    def set(self, key: str, value: bytes) -> None:
        self.kept[key] = value


def read(data: bytes, sha256: str) -> str:
    text = data.decode()
    if not text.startswith(sha256):
        raise BadRecord("the text is about another picture")
    return text


def levels(
    store: DictStore | None = None, counters: Counters | None = None, prefix: str = "logo:texts:1"
) -> LevelledCache[str]:
    shared = SharedLevel[str](store, str.encode, read) if store else None
    return LevelledCache(prefix, Cache(1_000_000), shared, counters)


@pytest.fixture
def store() -> DictStore:
    return DictStore()


def test_what_is_put_in_comes_out_of_the_memory(store: DictStore) -> None:
    cache = levels(store)
    cache.put(ONE + " is red", ONE)

    assert cache.get(ONE) == ONE + " is red"
    assert store.asked == 0


def test_what_another_process_stored_is_found_and_then_in_memory(store: DictStore) -> None:
    levels(store).put(ONE + " is red", ONE, "auto")
    cache = levels(store)

    found = [cache.get(ONE, "auto") for _ in range(3)]

    assert found == [ONE + " is red"] * 3
    assert store.asked == 1
    assert cache.stats()["lookups"] == {"memory": 2, "shared": 1, "joined": 0, "miss": 0}


@pytest.mark.parametrize(
    ("prefix", "sha256", "variant"),
    [
        ("logo:texts:2", ONE, "auto"),
        ("logo:texts:1", OTHER, "auto"),
        ("logo:texts:1", ONE, "ensemble"),
    ],
)
def test_another_print_picture_or_variant_is_another_key(
    store: DictStore, prefix: str, sha256: str, variant: str
) -> None:
    levels(store).put(ONE + " is red", ONE, "auto")

    assert levels(store, prefix=prefix).get(sha256, variant) is None


def test_keys_suit_every_store(store: DictStore) -> None:
    levels(store, prefix="logo:features:" + "0" * 32).put(ONE, ONE, "neural_network")

    (key,) = store.kept
    assert len(key) <= 250
    assert key.isascii()
    assert key.isprintable()
    assert " " not in key


def test_a_record_that_cannot_be_read_is_a_miss_counted_and_replaced(store: DictStore) -> None:
    told: list[str] = []
    counters = Counters(told.append, lambda: told.append("unreadable"))
    cache = levels(store, counters)
    store.kept[cache.key(ONE)] = b"garbage"

    assert cache.get(ONE) is None
    assert cache.stats()["unreadable"] == 1
    assert told == ["unreadable", Lookup.MISS]
    cache.put(ONE + " is red", ONE)
    assert levels(store).get(ONE) == ONE + " is red"


def test_without_a_store_a_miss_is_a_miss() -> None:
    cache = levels()
    cache.put(ONE, ONE)

    assert (cache.get(ONE), cache.get(OTHER)) == (ONE, None)


def test_the_hit_rate_counts_both_levels(store: DictStore) -> None:
    told: list[Lookup] = []
    levels(store).put(ONE, ONE)
    cache = levels(store, Counters(told.append))
    for sha256 in (ONE, ONE, OTHER, ONE):
        cache.get(sha256)

    stats = cache.stats()
    assert (stats["entries"], stats["hits"], stats["misses"]) == (1, 3, 1)
    assert stats["hit_rate"] == 0.75
    assert stats["bytes"] > len(ONE)
    assert told == [Lookup.SHARED, Lookup.MEMORY, Lookup.MISS, Lookup.MEMORY]


def test_the_hit_rate_of_nothing_is_nothing() -> None:
    assert levels().stats()["hit_rate"] == 0.0
