"""The watch on this process's memory."""

from __future__ import annotations

import os
from typing import Any

import psutil
import pytest

from logo_classifier.caching import memory
from logo_classifier.caching.lru import Cache
from logo_classifier.caching.memory import MemoryOptimizer

ABOVE_ANY_PROCESS_MB = 1e9


@pytest.fixture
def caches() -> list[Cache[Any]]:
    """Return two caches with three entries in all."""
    first, second = Cache[Any](10_000), Cache[Any](10_000)
    first.put("a", 1)
    first.put("b", 2)
    second.put("c", 3)
    return [first, second]


def entries(caches: list[Cache[Any]]) -> int:
    return sum(map(len, caches))


def test_resident_memory_is_in_units_of_two_to_the_twenty_bytes(caches: list[Cache[Any]]) -> None:
    before = psutil.Process(os.getpid()).memory_info().rss / 2**20
    ballast = bytearray(b"x") * (64 * 2**20)
    grown = MemoryOptimizer(caches, None).rss_mb()

    assert before + 50 < grown < before + 150
    assert len(ballast) == 64 * 2**20


def test_memory_is_looked_at_again_only_once_a_look_has_lasted_long_enough(
    caches: list[Cache[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "_LOOK_SECONDS", 3600.0)
    optimizer = MemoryOptimizer(caches, None)
    before = optimizer.rss_mb()
    ballast = bytearray(b"x") * (64 * 2**20)

    at_once = optimizer.rss_mb()
    monkeypatch.setattr(memory, "_LOOK_SECONDS", 0.0)

    assert at_once == before
    assert optimizer.rss_mb() > before + 50
    assert len(ballast) == 64 * 2**20


def test_a_process_below_the_threshold_keeps_its_caches(caches: list[Cache[Any]]) -> None:
    optimizer = MemoryOptimizer(caches, ABOVE_ANY_PROCESS_MB)

    assert optimizer.relieve() is False
    assert entries(caches) == 3
    assert optimizer.cleanups == 0


def test_a_process_above_the_threshold_drops_its_caches(caches: list[Cache[Any]]) -> None:
    optimizer = MemoryOptimizer(caches, 0)

    assert optimizer.relieve() is True
    assert entries(caches) == 0
    assert optimizer.cleanups == 1


def test_caches_that_were_dropped_get_time_to_fill(
    caches: list[Cache[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    optimizer = MemoryOptimizer(caches, 0)
    optimizer.relieve()
    caches[0].put("a", 1)

    assert optimizer.relieve() is False
    monkeypatch.setattr(memory, "_PAUSE_SECONDS", 0.0)
    assert optimizer.relieve() is True


def test_with_nothing_to_drop_no_time_is_spent_on_dropping(caches: list[Cache[Any]]) -> None:
    optimizer = MemoryOptimizer(caches, 0)
    optimizer.relieve()

    assert optimizer.relieve() is False
    assert optimizer.cleanups == 1


def test_without_a_threshold_nothing_is_watched(caches: list[Cache[Any]]) -> None:
    assert MemoryOptimizer(caches, None).relieve() is False
    assert entries(caches) == 3


def test_without_caches_there_is_nothing_to_drop() -> None:
    assert MemoryOptimizer([], 0).relieve() is False


def test_the_threshold_may_be_changed_at_any_time(caches: list[Cache[Any]]) -> None:
    optimizer = MemoryOptimizer(caches, ABOVE_ANY_PROCESS_MB)
    refused = optimizer.relieve()
    optimizer.memory_threshold = 1

    assert not refused
    assert optimizer.relieve() is True


def test_a_cleanup_tells_what_was_dropped(caches: list[Cache[Any]]) -> None:
    freed = MemoryOptimizer(caches, None).cleanup()

    assert freed["entries_dropped"] == 3
    assert freed["freed_mb"] >= 0
    assert entries(caches) == 0


def test_every_cleanup_is_counted(caches: list[Cache[Any]]) -> None:
    optimizer = MemoryOptimizer(caches, None)
    optimizer.cleanup()

    assert optimizer.cleanup()["entries_dropped"] == 0
    assert optimizer.cleanups == 2


def test_the_threshold_leaves_room_for_the_caches_above_what_is_held(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(MemoryOptimizer, "rss_mb", lambda _: 100.0)

    assert MemoryOptimizer.with_room([], 64 * 2**20).memory_threshold == 100 + 64 + 1024
