"""Admission control: bounded queues give backpressure, and load shedding refuses the rest at once.

All bounds are per worker. A refusal is 503 `overloaded` with Retry-After.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Condition, Event, Lock

from werkzeug.exceptions import ServiceUnavailable

from app import instruments
from app.config import Settings

_RETRY_AFTER_SECONDS = 1


class Overloaded(ServiceUnavailable):
    """Work that is refused because a queue is full, or because no slot is free in time."""

    kind = "overloaded"

    def __init__(self, why: str) -> None:
        super().__init__(f"{why}; try again later", retry_after=_RETRY_AFTER_SECONDS)


class Room:
    """A thread-safe bound on an amount, such as bytes or pictures.

    An empty room accepts any amount. Otherwise it would always refuse a large one.
    """

    def __init__(self, capacity: int, unit: str) -> None:
        self._capacity, self._unit = capacity, unit
        self._held = 0
        self._changed = Condition()

    @property
    def held(self) -> int:
        """Return the amount in use."""
        return self._held

    @property
    def full(self) -> bool:
        """Return whether nothing more fits."""
        return self._held >= self._capacity

    def wait_until_empty(self, timeout_seconds: float) -> None:
        """Wait until nothing is in use, or until the time-out."""
        with self._changed:
            self._changed.wait_for(lambda: not self._held, timeout_seconds)

    @contextmanager
    def hold(self, amount: int) -> Iterator[None]:
        """Hold an amount inside the block; raise Overloaded if it does not fit."""
        with self._changed:
            if self._held and self._held + amount > self._capacity:
                raise Overloaded(
                    f"{self._held} {self._unit} are in work or waiting, of {self._capacity} allowed"
                )
            self._held += amount
        try:
            yield
        finally:
            with self._changed:
                self._held -= amount
                self._changed.notify_all()


class Slots:
    """A thread-safe, fair semaphore: slots go to the waiting callers in FIFO order.

    The semaphores of the standard library let a newcomer overtake a thread that was just woken.
    """

    def __init__(self, count: int) -> None:
        self._free = count
        self._waiting: deque[Event] = deque()
        self._lock = Lock()

    def acquire(self, timeout_seconds: float) -> bool:
        """Take a slot in FIFO order; return False after the time-out."""
        with self._lock:
            if self._free:
                self._free -= 1
                return True
            handed = Event()
            self._waiting.append(handed)
        if handed.wait(timeout_seconds):
            return True
        with self._lock:
            if not handed.is_set():
                self._waiting.remove(handed)
                return False
            return True

    def release(self) -> None:
        """Pass the slot to the caller that has waited longest."""
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._free += 1


@dataclass(frozen=True, slots=True)
class Turn:
    """An admitted request's place in the queue; `deadline_seconds` is on the monotonic clock."""

    slots: Slots
    timeout_seconds: int
    deadline_seconds: float

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Wait for a slot and hold it; raise Overloaded if none is free by the deadline."""
        left_seconds = self.deadline_seconds - time.monotonic()
        if left_seconds <= 0 or not self.slots.acquire(left_seconds):
            raise Overloaded(f"the pictures did not get their turn in {self.timeout_seconds} s")
        try:
            with instruments.IN_PROGRESS.track_inprogress():
                yield
        finally:
            self.slots.release()


class Admission:
    """The bounds of one worker: bytes in memory, queued pictures, slots, and waiting time."""

    def __init__(self, settings: Settings) -> None:
        self._bytes = Room(settings.max_pending_bytes, "bytes")
        self._pictures = Room(settings.max_pending, "pictures")
        self._slots = Slots(settings.inference_slots)
        self._timeout_seconds = settings.request_timeout_seconds

    def defer(self, seconds_for_each_picture: float, most_seconds: float) -> None:
        """Wait while pictures are in work or waiting; more pictures make the wait longer.

        Does not wait if the queue is full: load shedding must refuse new requests at once.
        """
        if self._pictures.held and not self._pictures.full:
            seconds = seconds_for_each_picture * self._pictures.held
            self._pictures.wait_until_empty(min(seconds, most_seconds))

    @contextmanager
    def body(self, size_bytes: int) -> Iterator[None]:
        """Reserve memory for a body before it is read; raise Overloaded if it does not fit."""
        with self._bytes.hold(size_bytes):
            yield

    @contextmanager
    def pictures(self, count: int) -> Iterator[Turn]:
        """Queue pictures and start their time limit; raise Overloaded if the queue is full."""
        with self._pictures.hold(count), instruments.waiting(count):
            deadline_seconds = time.monotonic() + self._timeout_seconds
            yield Turn(self._slots, self._timeout_seconds, deadline_seconds)
