"""Admission control: bounded queues give backpressure, and load shedding refuses the rest at once.

All bounds are per worker. A refusal is 503 `overloaded` with Retry-After.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import dataclass, replace
from io import RawIOBase
from threading import Lock
from typing import IO, TYPE_CHECKING, Any, TypeVar

from gevent.lock import Semaphore
from gevent.threadpool import ThreadPool
from gevent.util import wrap_errors
from werkzeug.exceptions import ServiceUnavailable

from app import instruments
from app.config import Settings
from app.traces.stages import ServiceStage

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

Result = TypeVar("Result")

_RETRY_AFTER_SECONDS = 1

_MOST_TRACES = 4
"""Pictures that a worker traces or lets wait for that; they take seconds where others take
milliseconds, and so may not fill its queue."""


class Overloaded(ServiceUnavailable):
    """Work that is refused because a queue is full, or because no slot is free in time."""

    kind = "overloaded"

    def __init__(self, why: str) -> None:
        super().__init__(f"{why}; try again later", retry_after=_RETRY_AFTER_SECONDS)


class Room:
    """A thread-safe bound on an amount, such as bytes or pictures.

    `on_change` gets what is held.
    """

    def __init__(
        self, capacity: int, unit: str, on_change: Callable[[int], None] | None = None
    ) -> None:
        self._capacity, self._unit, self._on_change = capacity, unit, on_change
        self._held = 0
        self._lock = Lock()

    @property
    def held(self) -> int:
        """Return the amount in use."""
        return self._held

    @contextmanager
    def reserve(self, amount: int = 0) -> Iterator[Reservation]:
        """Hold an amount, which may grow, inside the block; raise Overloaded if it does not fit."""
        reservation = Reservation(self)
        reservation.grow(amount)
        try:
            yield reservation
        finally:
            with self._lock:
                self._hold(-reservation.amount)

    def take(self, amount: int, beside: int) -> None:
        """Add an amount beside what the same holder has; raise Overloaded if it does not fit.

        Whoever is alone gets any amount. Otherwise a large one would always be refused.
        """
        with self._lock:
            if self._held > beside and self._held + amount > self._capacity:
                raise Overloaded(
                    f"{self._held} {self._unit} are in work or waiting, of {self._capacity} allowed"
                )
            self._hold(amount)

    def _hold(self, more: int) -> None:
        self._held += more
        if self._on_change:
            self._on_change(self._held)


class Reservation:
    """What one holder has of a room."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self.amount = 0

    def grow(self, amount: int) -> None:
        """Take more; raise Overloaded if it does not fit."""
        self._room.take(amount, self.amount)
        self.amount += amount


class MeteredStream(RawIOBase):
    """A request's body that counts in a room as it comes in, and not as its length is declared.

    A client that declares much and sends little takes little room from others.
    """

    def __init__(self, stream: IO[bytes], reservation: Reservation, copies: int = 1) -> None:
        super().__init__()
        self._stream, self._reservation, self._copies = stream, reservation, copies
        self.received_bytes = 0

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read into a buffer; raise Overloaded if what has come does not fit."""
        data = self._stream.read(len(buffer))
        self.received_bytes += len(data)
        self._reservation.grow(len(data) * self._copies)
        buffer[: len(data)] = data
        return len(data)


@dataclass(frozen=True, slots=True)
class Turn:
    """The place of one request in the queue; `deadline_seconds` is on the monotonic clock."""

    slots: Semaphore
    threads: ThreadPool
    timeout_seconds: int
    deadline_seconds: float

    def run(self, work: Callable[..., Result], *given: object, **named: object) -> Result:
        """Wait for a slot, do the work in a thread of its own and return what it returns.

        Other requests go on meanwhile. Raises Overloaded if no slot is free by the deadline, and
        what the work raises.
        """
        left_seconds = self.deadline_seconds - time.monotonic()
        with instruments.in_stage(ServiceStage.WAIT):
            is_free = left_seconds > 0 and self.slots.acquire(timeout=left_seconds)
        if not is_free:
            raise Overloaded(f"the pictures did not get their turn in {self.timeout_seconds} s")
        try:
            with instruments.IN_PROGRESS.track_inprogress():
                # As a value, since gevent would write the traceback of each refusal to stderr.
                safe = wrap_errors((Exception,), work)
                # What the work tells about itself belongs to this request, in the thread too.
                run = copy_context().run
                result: Result | Exception = self.threads.apply(run, (safe, *given), named)
        finally:
            self.slots.release()
        if isinstance(result, Exception):
            raise result
        return result


class Admission:
    """The bounds of one worker: bytes in memory, queued pictures, slots, and waiting time."""

    def __init__(self, settings: Settings) -> None:
        self._bytes = Room(settings.max_pending_bytes, "bytes", instruments.BODY_BYTES.set)
        self._pictures = Room(settings.max_pending, "pictures")
        self._most_pending = settings.max_pending
        # gevent's semaphore hands a slot to who has waited longest; newcomers do not overtake.
        self._slots = Semaphore(settings.inference_slots)
        self._threads = ThreadPool(settings.inference_slots)
        self._traces = Room(_MOST_TRACES, "pictures to trace")
        self._trace_slots, self._trace_threads = Semaphore(1), ThreadPool(1)
        self._timeout_seconds = settings.request_timeout_seconds

    def yielding(self) -> int:
        """Return the pictures in work or waiting for which a sibling should take what comes.

        0 if the queue is full: load shedding must refuse new requests at once.
        """
        held = self._pictures.held
        return 0 if held >= self._most_pending else held

    def is_busy(self) -> bool:
        """Return whether pictures are in work or waiting."""
        return self._pictures.held > 0

    @contextmanager
    def body(self, environ: WSGIEnvironment, copies: int = 1) -> Iterator[None]:
        """Count a body, so many times, as it is read inside the block.

        Reading raises Overloaded where there is no room for more.
        """
        # One byte from the start: a full room refuses before anything is read.
        with self._bytes.reserve(1) as reservation:
            environ["wsgi.input"] = MeteredStream(environ["wsgi.input"], reservation, copies)
            yield

    @contextmanager
    def pictures(self, count: int) -> Iterator[Turn]:
        """Queue pictures and start their time limit; raise Overloaded if the queue is full."""
        with self._pictures.reserve(count), instruments.waiting(count):
            deadline_seconds = time.monotonic() + self._timeout_seconds
            yield Turn(self._slots, self._threads, self._timeout_seconds, deadline_seconds)

    @contextmanager
    def tracing(self, turn: Turn) -> Iterator[Turn]:
        """Queue the picture of a turn to be traced, too; raise Overloaded if too many are.

        The turn has the same deadline and a slot beside those of classification.
        """
        with self._traces.reserve(1):
            yield replace(turn, slots=self._trace_slots, threads=self._trace_threads)
