"""The bounded cache."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from app.classification.cache import Cache


def test_what_is_put_in_comes_out() -> None:
    cache = Cache[str](2)
    cache.put("a", "first")

    assert cache.get("a") == "first"


def test_what_was_never_put_in_is_none() -> None:
    assert Cache[str](2).get("a") is None


def test_a_key_holds_its_latest_value() -> None:
    cache = Cache[str](2)
    cache.put("a", "first")
    cache.put("a", "second")

    assert cache.get("a") == "second"
    assert cache.stats()["entries"] == 1


def test_keys_may_have_several_parts() -> None:
    cache = Cache[int](2)
    cache.put(("digest", None), 1)
    cache.put(("digest", "ensemble"), 2)

    assert cache.get(("digest", None)) == 1
    assert cache.get(("digest", "ensemble")) == 2


def test_a_full_cache_drops_what_was_used_least_recently() -> None:
    cache = Cache[int](2)
    cache.put("a", 1)
    cache.put("b", 2)
    cache.get("a")
    cache.put("c", 3)

    assert [cache.get(key) for key in "abc"] == [1, None, 3]


def test_a_cache_never_holds_more_than_its_entries() -> None:
    cache = Cache[int](10)
    for number in range(1000):
        cache.put(number, number)

    assert cache.stats()["entries"] == 10
    assert [cache.get(number) for number in range(990, 1000)] == list(range(990, 1000))


def test_values_that_count_as_false_are_hits() -> None:
    cache = Cache[int](2)
    cache.put("nothing", 0)

    assert cache.get("nothing") == 0
    assert cache.stats()["hits"] == 1


def test_hits_and_misses_are_counted_from_the_start() -> None:
    cache = Cache[int](2)
    cache.get("a")
    cache.put("a", 1)
    cache.get("a")
    cache.get("a")

    assert cache.stats() == {"entries": 1, "hits": 2, "misses": 1}


def test_clearing_tells_how_much_was_forgotten() -> None:
    cache = Cache[int](5)
    for number in range(3):
        cache.put(number, number)

    assert cache.clear() == 3
    assert cache.clear() == 0
    assert cache.get(0) is None


def test_clearing_keeps_the_counts() -> None:
    cache = Cache[int](5)
    cache.put("a", 1)
    cache.get("a")
    cache.clear()

    assert cache.stats() == {"entries": 0, "hits": 1, "misses": 0}


def test_a_cleared_cache_can_be_filled_again() -> None:
    cache = Cache[int](2)
    cache.put("a", 1)
    cache.clear()
    cache.put("a", 2)

    assert cache.get("a") == 2


def test_threads_neither_lose_counts_nor_pass_the_bound() -> None:
    cache = Cache[int](8)

    def use(thread: int) -> None:
        for number in range(500):
            cache.put((thread, number % 20), number)
            cache.get((thread, (number * 7) % 20))

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(use, range(16)))

    stats = cache.stats()
    assert stats["entries"] == 8
    assert stats["hits"] + stats["misses"] == 16 * 500
