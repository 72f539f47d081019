"""Admit requests as far as memory and time allow, and refuse the rest at once."""

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
    """Refuse work that finds no room, or no slot in time."""

    kind = "overloaded"

    def __init__(self, why: str) -> None:
        super().__init__(f"{why}; try again later", retry_after=_RETRY_AFTER_SECONDS)


class Room:
    """Count what is held of something that is bounded; safe between threads.

    An empty room takes whatever comes, so that nothing is refused for ever.
    """

    def __init__(self, capacity: int, unit: str) -> None:
        self._capacity, self._unit = capacity, unit
        self._held = 0
        self._changed = Condition()

    @property
    def held(self) -> int:
        """Return how much is held."""
        return self._held

    @property
    def full(self) -> bool:
        """Tell whether nothing more fits."""
        return self._held >= self._capacity

    def wait_until_empty(self, timeout_seconds: float) -> None:
        """Return when nothing is held, or when the time is over."""
        with self._changed:
            self._changed.wait_for(lambda: not self._held, timeout_seconds)

    @contextmanager
    def hold(self, amount: int) -> Iterator[None]:
        """Hold an amount for the length of the block; raise Overloaded if it does not fit."""
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
    """Lend slots to those that wait, the longest first; safe between threads.

    The semaphores of the standard library let a newcomer pass those that they have just woken.
    """

    def __init__(self, count: int) -> None:
        self._free = count
        self._waiting: deque[Event] = deque()
        self._lock = Lock()

    def acquire(self, timeout_seconds: float) -> bool:
        """Take a slot after all that came before; return False if that takes too long."""
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
        """Hand the slot to whoever waits longest."""
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._free += 1


@dataclass(frozen=True, slots=True)
class Turn:
    """Hold the place of one request's pictures; `deadline_seconds` is on the monotonic clock."""

    slots: Slots
    timeout_seconds: int
    deadline_seconds: float

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Wait for a slot and hold it; raise Overloaded if none comes free by the deadline."""
        left_seconds = self.deadline_seconds - time.monotonic()
        if left_seconds <= 0 or not self.slots.acquire(left_seconds):
            raise Overloaded(f"the pictures did not get their turn in {self.timeout_seconds} s")
        try:
            with instruments.IN_PROGRESS.track_inprogress():
                yield
        finally:
            self.slots.release()


class Admission:
    """Bound one worker: bytes in memory, pictures in work or waiting, pictures at once, time."""

    def __init__(self, settings: Settings) -> None:
        self._bytes = Room(settings.max_pending_bytes, "bytes")
        self._pictures = Room(settings.max_pending, "pictures")
        self._slots = Slots(settings.inference_slots)
        self._timeout_seconds = settings.request_timeout_seconds

    def defer(self, seconds_for_each_picture: float, most_seconds: float) -> None:
        """Wait while pictures are in work or waiting, the longer the more there are.

        Not where the queue is full: what comes is to be refused, and at once.
        """
        if self._pictures.held and not self._pictures.full:
            seconds = seconds_for_each_picture * self._pictures.held
            self._pictures.wait_until_empty(min(seconds, most_seconds))

    @contextmanager
    def body(self, size_bytes: int) -> Iterator[None]:
        """Make room for a body before it is read; raise Overloaded where there is none."""
        with self._bytes.hold(size_bytes):
            yield

    @contextmanager
    def pictures(self, count: int) -> Iterator[Turn]:
        """Queue pictures, whose time runs from now; raise Overloaded where the queue is full."""
        with self._pictures.hold(count), instruments.waiting(count):
            deadline_seconds = time.monotonic() + self._timeout_seconds
            yield Turn(self._slots, self._timeout_seconds, deadline_seconds)
