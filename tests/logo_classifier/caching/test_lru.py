"""The cache that is bounded in bytes."""

from __future__ import annotations

import gc
import json
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import msgspec
import pytest

from logo_classifier.caching.codec import write_record
from logo_classifier.caching.lru import ENTRY_OVERHEAD_BYTES, Cache, measure
from logo_classifier.values import Classification, LogoType
from tests.logo_classifier.pipeline.pipelines import answer, draw, pipeline

ROOMY = 1_000_000


def size_of(key: str, value: object) -> int:
    """Return what a value under a key takes of the bound."""
    return ENTRY_OVERHEAD_BYTES + measure(key) + measure(value)


def test_what_is_put_in_comes_out() -> None:
    cache = Cache[str](ROOMY)
    cache.put("a", "first")

    assert cache.get("a") == "first"


def test_what_was_never_put_in_is_none() -> None:
    assert Cache[str](ROOMY).get("a") is None


def test_a_key_holds_its_latest_value() -> None:
    cache = Cache[str](ROOMY)
    cache.put("a", "first")
    cache.put("a", "second, and longer")

    assert cache.get("a") == "second, and longer"
    assert cache.stats() == {"entries": 1, "bytes": size_of("a", "second, and longer")}


def test_a_full_cache_drops_what_was_used_least_recently() -> None:
    cache = Cache[int](2 * size_of("a", 1))
    cache.put("a", 1)
    cache.put("b", 2)
    cache.get("a")
    cache.put("c", 3)

    assert [cache.get(key) for key in "abc"] == [1, None, 3]


def test_values_of_any_size_never_pass_the_bound() -> None:
    cache = Cache[bytes](20_000)
    held = []
    for number in range(500):
        cache.put(str(number), bytes(number * 37 % 3000))
        held.append(cache.stats()["bytes"])

    assert max(held) <= 20_000
    assert min(held[100:]) > 10_000
    assert cache.get("499") is not None


def test_one_large_value_takes_the_place_of_many_small_ones() -> None:
    cache = Cache[bytes](10 * size_of("0", b""))
    for number in range(10):
        cache.put(str(number), b"")
    cache.put("x", bytes(4 * size_of("0", b"")))

    assert len(cache) == 6


@pytest.mark.parametrize("known", [False, True])
def test_a_value_above_the_bound_is_not_kept_and_leaves_no_older_one(known: bool) -> None:
    cache = Cache[bytes](2000)
    cache.put("other", b"")
    if known:
        cache.put("a", b"small")
    cache.put("a", bytes(2000))

    assert cache.get("a") is None
    assert cache.stats()["entries"] == 1


def test_values_that_count_as_false_are_found() -> None:
    cache = Cache[int](ROOMY)
    cache.put("nothing", 0)

    assert cache.get("nothing") == 0


def test_clearing_tells_how_much_was_forgotten() -> None:
    cache = Cache[int](ROOMY)
    for number in range(3):
        cache.put(str(number), number)

    assert cache.clear() == 3
    assert cache.clear() == 0
    assert cache.get("0") is None
    assert cache.stats() == {"entries": 0, "bytes": 0}


def test_a_cleared_cache_can_be_filled_again() -> None:
    cache = Cache[int](ROOMY)
    cache.put("a", 1)
    cache.clear()
    cache.put("a", 2)

    assert cache.get("a") == 2


def test_threads_do_not_pass_the_bound_together() -> None:
    cache = Cache[int](8 * size_of("00-00", 100))

    def use(thread: int) -> None:
        for number in range(300):
            cache.put(f"{thread:02}-{number % 20:02}", 100 + number)
            cache.get(f"{thread:02}-{(number * 7) % 20:02}")

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(use, range(16)))

    assert cache.stats()["entries"] == 8


def test_a_value_counts_with_all_that_it_holds() -> None:
    @dataclass(frozen=True, slots=True)
    class Pair:
        text: str
        parts: tuple[dict[str, float], ...]

    small, large = Pair("a", ()), Pair("a" * 1000, ({"b" * 1000: 0.5},))

    assert 2000 < measure(large) - measure(small) < 2700


@pytest.mark.parametrize("value", [None, True, LogoType.TEXT])
def test_what_exists_once_counts_nothing(value: object) -> None:
    assert measure(value) == 0


def test_answers_take_no_more_memory_than_they_count() -> None:
    pipe = pipeline(None, 0.9)
    answers = [answer(pipe, draw((level, 0, 0))) for level in range(3)]
    cache = Cache[Classification](10 * ROOMY)
    gc.collect()
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    for number in range(300):
        cache.put(f"logo:results:{number:0100}", copy_of(answers[number % 3]))
    gc.collect()
    taken = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()

    assert 0.8 < taken / cache.stats()["bytes"] < 1.05


def copy_of(value: Classification) -> Classification:
    """Return an answer that shares no numbers and texts with the one given."""
    # msgspec's own reader would give all copies the same names of features.
    return msgspec.convert(json.loads(write_record(value)), Classification)
