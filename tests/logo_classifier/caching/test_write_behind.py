"""Nobody waits for a store to write, and what waits is bounded."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from threading import Event

from logo_classifier.caching.write_behind import MOST_PENDING, WriteBehind
from tests.waiting import wait_until


class HeldStore:
    """Keep values in a dict, but only once it may go on."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.go_on = Event()

    def get(self, key: str) -> bytes | None:
        return self.kept.get(key)

    def set(self, key: str, value: bytes) -> None:
        self.go_on.wait()
        self.kept[key] = value


def test_a_write_waits_for_no_store_and_is_done_in_the_end() -> None:
    held = HeldStore()
    store = WriteBehind(held)

    store.set("a", b"1")
    before = (store.get("a"), store.pending)
    held.go_on.set()
    wait_until(lambda: store.pending == 0, "the write is done")

    assert (before, store.get("a")) == ((None, 1), b"1")


def test_writes_keep_their_order() -> None:
    held = HeldStore()
    store = WriteBehind(held)
    for number in range(20):
        store.set("a", str(number).encode())

    held.go_on.set()
    wait_until(lambda: store.pending == 0, "all writes are done")

    assert store.get("a") == b"19"


def test_a_write_that_finds_the_queue_full_is_dropped_and_told() -> None:
    held, dropped = HeldStore(), list[None]()
    store = WriteBehind(held, lambda: dropped.append(None))
    for number in range(MOST_PENDING + 3):
        store.set(str(number), b"")

    held.go_on.set()
    wait_until(lambda: store.pending == 0, "all writes are done")

    assert (len(held.kept), len(dropped)) == (MOST_PENDING, 3)
    store.set("later", b"")
    wait_until(lambda: "later" in held.kept, "the queue takes writes again")


def test_what_waits_is_written_before_the_process_ends() -> None:
    program = """
        import time
        from logo_classifier.caching.write_behind import WriteBehind

        class Slow:
            def get(self, key): ...
            def set(self, key, value):
                time.sleep(0.05)
                print(key)

        store = WriteBehind(Slow())
        for key in "abc":
            store.set(key, b"")
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, check=True
    )

    assert done.stdout.split() == ["a", "b", "c"]
