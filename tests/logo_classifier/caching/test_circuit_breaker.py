"""A store that fails is done without, and left alone for a while."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from logo_classifier.caching.circuit_breaker import OPEN_SECONDS, CircuitBreaker, StoreError


class Flaky:
    """Keep values in a dict; fail on demand, and tell how often it was asked."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.fails = False
        self.asked = 0

    def get(self, key: str) -> bytes | None:
        self._ask()
        return self.kept.get(key)

    def set(self, key: str, value: bytes) -> None:
        self._ask()
        self.kept[key] = value

    def _ask(self) -> None:
        self.asked += 1
        if self.fails:
            raise StoreError("it is away")


class Clock:
    """Tell the seconds that a test sets."""

    seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def flaky() -> Flaky:
    return Flaky()


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_store_that_works_is_passed_through(flaky: Flaky) -> None:
    store = CircuitBreaker(flaky)
    store.set("a", b"1")

    assert (store.get("a"), store.get("b")) == (b"1", None)
    assert (flaky.asked, store.failures) == (3, 0)


@pytest.mark.parametrize("call", ["get", "set"])
def test_a_failure_is_a_miss_and_counted_and_told(flaky: Flaky, call: str) -> None:
    told: list[None] = []
    store = CircuitBreaker(flaky, lambda: told.append(None))
    flaky.fails = True

    assert store.get("a") is None if call == "get" else store.set("a", b"1") is None
    assert (store.failures, len(told)) == (1, 1)


def test_after_a_failure_the_store_is_left_alone_for_some_seconds(
    flaky: Flaky, clock: Clock
) -> None:
    store = CircuitBreaker(flaky, clock=clock)
    flaky.fails = True
    for _ in range(10):
        store.get("a")
        store.set("a", b"1")
    clock.seconds += OPEN_SECONDS - 0.1
    store.get("a")

    assert (flaky.asked, store.failures) == (1, 1)


def test_a_store_that_is_back_is_used_again(flaky: Flaky, clock: Clock) -> None:
    store = CircuitBreaker(flaky, clock=clock)
    flaky.fails = True
    store.get("a")
    flaky.fails, flaky.kept["a"] = False, b"1"
    clock.seconds += OPEN_SECONDS

    assert [store.get("a") for _ in range(3)] == [b"1"] * 3
    assert flaky.asked == 4


def test_a_store_that_still_fails_rests_again(flaky: Flaky, clock: Clock) -> None:
    store = CircuitBreaker(flaky, clock=clock)
    flaky.fails = True
    for _ in range(3):
        store.get("a")
        store.get("a")
        clock.seconds += OPEN_SECONDS

    assert (flaky.asked, store.failures) == (3, 3)


def test_one_caller_alone_tries_whether_the_store_is_back(clock: Clock) -> None:
    begun, go_on = Event(), Event()

    class Slow(Flaky):
        def get(self, key: str) -> bytes | None:
            if self.asked:
                begun.set()
                assert go_on.wait(10)
            return super().get(key)

    slow = Slow()
    store = CircuitBreaker(slow, clock=clock)
    slow.fails = True
    store.get("a")
    clock.seconds += OPEN_SECONDS
    with ThreadPoolExecutor(1) as pool:
        probe = pool.submit(store.get, "a")
        assert begun.wait(10)
        others = [store.get("a") for _ in range(5)]
        go_on.set()
        probe.result(10)

    assert others == [None] * 5
    assert (slow.asked, store.failures) == (2, 2)


class DistantStore:
    """A store that answers, each time after as long as it is told to."""

    def __init__(self, clock: Clock, took_seconds: float) -> None:
        self.clock, self.took_seconds, self.calls = clock, took_seconds, 0

    def get(self, _key: str) -> bytes | None:
        self.calls += 1
        self.clock.seconds += self.took_seconds
        return b"value"

    def set(self, _key: str, _value: bytes) -> None:
        self.get("")


def test_a_store_that_is_slow_as_a_rule_is_left_alone_like_one_that_fails() -> None:
    clock = Clock()
    store = DistantStore(clock, took_seconds=0.09)
    breaker = CircuitBreaker(store, clock=clock)

    for _ in range(50):
        breaker.get("key")

    assert store.calls < 15
    assert breaker.failures >= 1


def test_slow_writes_count_like_slow_reads() -> None:
    clock = Clock()
    store = DistantStore(clock, took_seconds=0.09)
    breaker = CircuitBreaker(store, clock=clock)

    for _ in range(50):
        breaker.set("key", b"value")

    assert store.calls < 15


def test_a_slow_call_now_and_then_is_no_failure() -> None:
    clock = Clock()
    store = DistantStore(clock, took_seconds=0.001)
    breaker = CircuitBreaker(store, clock=clock)

    for number in range(60):
        store.took_seconds = 0.09 if number % 3 == 0 else 0.001
        assert breaker.get("key") == b"value"

    assert breaker.failures == 0


def test_a_store_that_is_quick_again_is_used_again() -> None:
    clock = Clock()
    store = DistantStore(clock, took_seconds=0.09)
    breaker = CircuitBreaker(store, clock=clock)
    for _ in range(20):
        breaker.get("key")
    store.took_seconds = 0.001
    clock.seconds += OPEN_SECONDS + 1

    assert [breaker.get("key") for _ in range(3)] == [b"value"] * 3


def test_one_slow_trial_keeps_the_breaker_open() -> None:
    clock = Clock()
    store = DistantStore(clock, took_seconds=0.09)
    breaker = CircuitBreaker(store, clock=clock)
    for _ in range(20):
        breaker.get("key")
    clock.seconds += OPEN_SECONDS + 1
    before = store.calls

    for _ in range(5):
        breaker.get("key")

    assert store.calls == before + 1
