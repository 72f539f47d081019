"""Classifiers that share a real store, as workers and machines do, and one that fails them."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from logo_classifier import HybridClassifier, Limits
from logo_classifier.caching.caches import Caching, open_store
from logo_classifier.caching.circuit_breaker import OPEN_SECONDS, Store
from logo_classifier.caching.stores import MemcachedStore, RedisStore
from logo_classifier.decision.routing import RoutingPolicy
from logo_classifier.rules.trees import read_rules
from logo_classifier.versions import loaded
from tests.logo_classifier.network.networks import write_bundle
from tests.logo_classifier.pipeline.pipelines import BLUE, GREEN, RED, draw
from tests.servers import run_redis, run_silent_server
from tests.waiting import wait_until_stored

BIAS = (0.0, 1.0, 3.0, 0.5, -1.0, 2.0, 0.0)
THRESHOLDS = dict.fromkeys(("simple", "text", "gradient", "complex"), 0.5)
CALIBRATION = {
    "neural_network": {"temperature": 1.0, "set_thresholds": THRESHOLDS},
    "ensemble": {"temperature": 1.0, "set_thresholds": THRESHOLDS},
}


_WORKERS: list[HybridClassifier] = []
"""Who may still be writing to the store of a test."""


@pytest.fixture(params=["redis", "memcached"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    url = request.getfixturevalue(f"{request.param}_url")
    made = RedisStore(url) if request.param == "redis" else MemcachedStore(url)
    with closing(made):
        yield made
        while _WORKERS:
            wait_until_stored(_WORKERS.pop())


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """Return a model of this test's own: the stores outlive it."""
    return write_bundle(tmp_path / "model", calibration=CALIBRATION, name=tmp_path.name)


def worker(model: Path, store: Store | None, **parts: Any) -> HybridClassifier:
    _WORKERS.append(HybridClassifier(model, caching=Caching(store=store), **parts))
    return _WORKERS[-1]


def store_answer(
    model: Path, store: Store, picture: bytes | None = None, **options: Any
) -> dict[str, Any]:
    """Have a worker of its own answer, and wait until the store has what it found."""
    classifier = worker(model, store)
    result = classifier.classify(draw() if picture is None else picture, **options)
    wait_until_stored(classifier)
    return result


def lookups(classifier: HybridClassifier, cache: str = "results") -> dict[str, int]:
    found: dict[str, int] = classifier.get_performance_stats()["caches"][cache]["lookups"]
    return {name: count for name, count in found.items() if count}


def test_workers_share_results(model: Path, store: Store) -> None:
    first = store_answer(model, store, method="ensemble")
    other = worker(model, store)

    second, third = (other.classify(draw(), method="ensemble") for _ in range(2))

    changing = ("cached", "processing_time", "timestamp")
    for again in (second, third):
        assert again["cached"]
        assert [again[name] for name in again if name not in changing] == [
            first[name] for name in first if name not in changing
        ]
    assert lookups(other) == {"shared": 1, "memory": 1}


def test_workers_share_features(model: Path, store: Store) -> None:
    picture = draw((1, 2, 3))
    store_answer(model, store, picture, method="rule_based")
    other = worker(model, store)

    result = other.classify(picture, method="neural_network", include_features=True)

    assert not result["cached"]
    assert lookups(other, "features") == {"shared": 1}
    assert other.get_performance_stats()["feature_cache_hits"] == 1
    assert other.get_performance_stats()["feature_extraction_time"] == []


def test_another_model_calibration_or_policy_never_answers(
    model: Path, store: Store, tmp_path: Path
) -> None:
    parts: dict[str, Any] = {"calibration": CALIBRATION, "name": model.parent.name}
    softer = {**CALIBRATION, "neural_network": {"temperature": 2.0, "set_thresholds": THRESHOLDS}}
    others = [
        worker(write_bundle(tmp_path / "a", BIAS, **parts), store),
        worker(write_bundle(tmp_path / "b", **{**parts, "calibration": softer}), store),
        worker(write_bundle(tmp_path / "c", **parts, policy={"rule_weight": 0.4}), store),
        worker(write_bundle(tmp_path / "d", **parts, rules=read_rules()), store),
        worker(model, store, policy=RoutingPolicy(rule_weight=0.7)),
        worker(model, store, limits=Limits(max_side_px=4999)),
        worker(tmp_path / "missing", store),
    ]
    store_answer(model, store, method="rule_based")

    cached = [other.classify(draw(), method="rule_based")["cached"] for other in others]

    assert cached == [False] * len(others)
    assert worker(model, store).classify(draw(), method="rule_based")["cached"]


def test_other_rules_get_neither_results_nor_features(
    model: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store_answer(model, store)
    monkeypatch.setattr(loaded, "read_rules", lambda: {**read_rules(), "version": "other"})
    other = worker(model, store)

    assert not other.classify(draw())["cached"]
    assert lookups(other, "features") == {"miss": 1}


def test_features_outlive_a_change_of_the_network(
    model: Path, store: Store, tmp_path: Path
) -> None:
    picture = draw((3, 2, 1))
    store_answer(model, store, picture)
    other = worker(write_bundle(tmp_path / "a", BIAS), store)

    other.classify(picture)

    assert lookups(other, "features") == {"shared": 1}


def test_what_a_time_budget_or_a_missing_network_forced_is_not_shared(
    store: Store, tmp_path: Path
) -> None:
    policy = RoutingPolicy(confident=1.0, conditional=1.0)
    one, other = (worker(tmp_path / "missing", store, policy=policy) for _ in range(2))

    assert one.classify(draw())["routing_decision"]["tier"] == "degraded"
    wait_until_stored(one)
    assert not other.classify(draw())["cached"]


@pytest.mark.parametrize("garbage", [b"", b"\x80\x04.", b"[]", b"{}", b"[" * 9999, b"x" * 99_999])
def test_garbage_in_the_store_is_a_miss_and_is_counted_and_replaced(
    model: Path, redis_url: str, garbage: bytes
) -> None:
    failures: list[str] = []
    with closing(RedisStore(redis_url)) as store, Redis.from_url(redis_url) as client:
        client.flushdb()
        expected = store_answer(model, store)
        for key in client.keys("logo:*"):
            client.set(key, garbage)
        other = HybridClassifier(model, caching=Caching(store=store, on_failure=failures.append))

        result = other.classify(draw())

        assert not result["cached"]
        assert result["probabilities"] == expected["probabilities"]
        assert failures == ["unreadable", "unreadable"]
        wait_until_stored(other)
        assert other.get_performance_stats()["caches"]["results"]["unreadable"] == 1
        assert worker(model, store).classify(draw())["cached"]


def test_a_record_moved_to_another_picture_is_a_miss(model: Path, redis_url: str) -> None:
    with closing(RedisStore(redis_url)) as store, Redis.from_url(redis_url) as client:
        client.flushdb()
        one = store_answer(model, store, draw(RED))
        sha256 = worker(model, None).classify(draw(BLUE))["image"]["sha256"]
        for key in client.keys("logo:*"):
            client.rename(key, key.decode().replace(one["image"]["sha256"], sha256))

        result = store_answer(model, store, draw(BLUE))

    assert (result["cached"], result["image"]["sha256"]) == (False, sha256)


def test_a_redis_that_dies_midway_costs_no_answer_and_is_counted(
    model: Path, tmp_path: Path
) -> None:
    failures: list[str] = []
    with run_redis(tmp_path) as server, closing(RedisStore(server.url)) as store:
        classifier = HybridClassifier(
            model, caching=Caching(store=store, on_failure=failures.append)
        )
        classifier.classify(draw(RED))
        wait_until_stored(classifier)
        server.kill()
        results = [classifier.classify(draw(colour)) for colour in (RED, BLUE, GREEN, BLUE)]
        wait_until_stored(classifier)

    assert [result["cached"] for result in results] == [True, False, False, True]
    assert failures == ["unreachable"]
    assert classifier.get_performance_stats()["caches"]["store_failures"] == 1


@pytest.mark.parametrize("scheme", ["redis", "memcached"])
def test_a_store_that_never_answers_costs_one_wait_and_not_one_a_picture(
    model: Path, scheme: str
) -> None:
    with run_silent_server() as port:
        url = f"{scheme}://127.0.0.1:{port}"
        with closing(RedisStore(url) if scheme == "redis" else MemcachedStore(url)) as store:
            classifier = worker(model, store)
            started = time.monotonic()
            results = [classifier.classify(draw((level, 0, 0))) for level in range(20)]
            took_seconds = time.monotonic() - started
            wait_until_stored(classifier)

    assert not any(result["cached"] for result in results)
    # Each picture would wait four times: to look up and to store a result and features.
    failures = classifier.get_performance_stats()["caches"]["store_failures"]
    assert failures <= 1 + int(took_seconds / OPEN_SECONDS)


def test_the_memory_is_bounded_in_bytes(model: Path) -> None:
    classifier = HybridClassifier(model, caching=Caching(max_bytes=200_000))
    for level in range(60):
        classifier.classify(draw((level, 0, 0)))

    stats = classifier.get_performance_stats()["caches"]
    assert 50_000 < stats["results"]["bytes"] <= 100_000
    assert 50_000 < stats["features"]["bytes"] <= 100_000
    assert classifier.classify(draw((59, 0, 0)))["cached"]
    assert not classifier.classify(draw((0, 0, 0)))["cached"]


def test_clearing_the_memory_leaves_the_store(model: Path, store: Store) -> None:
    classifier = worker(model, store)
    classifier.classify(draw())
    wait_until_stored(classifier)

    assert classifier.cleanup_memory()["entries_dropped"] == 2
    assert classifier.classify(draw())["cached"]
    assert lookups(classifier)["shared"] == 1


def test_switched_off_caching_leaves_a_store_alone(model: Path) -> None:
    class Untouchable:
        def get(self, key: str) -> bytes | None:
            raise AssertionError(key)

        def set(self, key: str, value: bytes) -> None:
            raise AssertionError(key)

    classifier = HybridClassifier(model, enable_caching=False, caching=Caching(store=Untouchable()))

    assert not any(r["cached"] for r in classifier.classify_batch([draw(), draw()]))
    assert classifier.get_performance_stats()["caches"] == {}


def test_the_statistics_are_json(model: Path, store: Store) -> None:
    classifier = worker(model, store)
    classifier.classify_batch([draw(), draw()])

    stats = wait_until_stored(classifier).get_performance_stats()
    assert json.loads(json.dumps(stats)) == stats
    assert stats["caches"]["results"]["hit_rate"] == 0.5


@pytest.mark.parametrize("url", ["", "foo://x", "http://127.0.0.1", "redis:", "127.0.0.1:6379"])
def test_an_address_that_is_no_stores_is_refused_by_name(url: str) -> None:
    with pytest.raises(ValueError, match="begins with one of redis://"):
        open_store(url)


def test_without_the_extra_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("logo_classifier.caching.stores")
    monkeypatch.setitem(sys.modules, "logo_classifier.caching.stores", None)

    with pytest.raises(ImportError, match=r"pip install 'logo-classifier\[stores\]'"):
        open_store("redis://127.0.0.1:1")
