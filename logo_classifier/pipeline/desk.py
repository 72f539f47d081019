"""The desk before the sequence: cache look-up, single flight, and batches over several threads."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field
from itertools import zip_longest
from threading import Lock

from logo_classifier.caching.single_flight import Claim, SingleFlight
from logo_classifier.errors import ClassifierError
from logo_classifier.options import Options
from logo_classifier.pictures.header import Picture, receive
from logo_classifier.pictures.limits import Limits
from logo_classifier.pictures.source import Source
from logo_classifier.pipeline.sequence import ClassificationSequence
from logo_classifier.pipeline.work import Arrival, Outcome, as_outcome, repeated
from logo_classifier.statistics import PerformanceStatistics
from logo_classifier.values import Classification

MOST_BATCH_THREADS = 4


@dataclass(slots=True)
class _Place:
    """A picture with its claim; `claim` is None if caching is off."""

    arrival: Arrival
    claim: Claim | None

    @property
    def leads(self) -> bool:
        """Return whether this caller computes the answer, instead of waiting for another."""
        return self.claim is None or self.claim.leads


class BatchThreads:
    """The threads that share the batches of one process; a fork has its own.

    They stay, since each has its own connection to a shared store. A task never waits for one that
    has not begun: it waits only for pictures that a running one has claimed.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = Lock()
        self._pools: dict[int, ThreadPoolExecutor] = {}

    def pool(self) -> ThreadPoolExecutor:
        """Return the threads of this process."""
        with self._lock:
            mine = self._pools.get(os.getpid())
            if mine is None:
                mine = ThreadPoolExecutor(self._most, "batch")
                self._pools[os.getpid()] = mine
            return mine


@dataclass(frozen=True, slots=True)
class Desk:
    """The step that passes each picture to the sequence once; `answers` is None without caching."""

    limits: Limits
    sequence: ClassificationSequence
    statistics: PerformanceStatistics
    answers: SingleFlight | None
    batch_threads: int
    threads: BatchThreads = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "threads", BatchThreads(self.batch_threads))

    def recall(self, picture: Picture, options: Options) -> Classification | None:
        """Return the answer that this process remembers, as given now, or None."""
        started = time.perf_counter()
        answers = None if options.include_explanation else self.answers
        known = answers.recall(picture.sha256, options.variant) if answers else None
        if known is None:
            return None
        answer = repeated(known, time.perf_counter() - started)
        self.statistics.record(answer)
        return answer

    def run(self, sources: Sequence[Source | Picture], options: Options) -> list[Outcome]:
        """Return one outcome per source, in order; equal pictures are computed once.

        Takes at most one forward pass, and one more if another caller gave no answer.
        """
        received: list[Outcome | _Place] = []
        try:
            for source in sources:
                received.append(self._receive(source, options))  # noqa: PERF401 - kept if one raises
            places = [place for place in received if isinstance(place, _Place)]
            self._work([place for place in places if place.leads], options)
        finally:
            self._release(received)
        # Release before waiting. Otherwise two callers could deadlock.
        left = [place for place in places if not (place.leads or self._join(place, options))]
        self._work(left, options)
        outcomes = [p.arrival.outcome if isinstance(p, _Place) else p for p in received]
        for outcome in outcomes:
            if isinstance(outcome, ClassifierError):
                self.statistics.record_failure(outcome.kind)
            else:
                self.statistics.record(outcome)
        return outcomes

    def run_batch(self, sources: Sequence[Source | Picture], options: Options) -> list[Outcome]:
        """Return what `run` would; the pictures are split among threads."""
        threads = min(len(sources), self.batch_threads)
        if threads <= 1:
            return self.run(sources, options)
        shares = [sources[first::threads] for first in range(threads)]
        pool = self.threads.pool()
        # A callback of the caller finds the caller's context in each thread.
        tasks = [pool.submit(copy_context().run, self.run, each, options) for each in shares]
        results = [task.result() for task in tasks]
        return [outcome for row in zip_longest(*results) for outcome in row if outcome is not None]

    def _receive(self, source: Source | Picture, options: Options) -> _Place | Outcome:
        """Read one picture and look it up."""
        started = time.perf_counter()
        claim: Claim | None = None
        try:
            picture = receive(source, self.limits)
            # An explanation takes the steps of its answer, and is too large to keep.
            if self.answers and not options.include_explanation:
                known = self.answers.ask(picture.sha256, options.variant)
                if isinstance(known, Classification):
                    return repeated(known, time.perf_counter() - started)
                claim = known
            return _Place(Arrival(picture, time.perf_counter() - started), claim)
        except Exception as error:  # noqa: BLE001 - see as_outcome
            if self.answers and claim:
                self.answers.release(claim)
            return as_outcome(error)

    def _work(self, places: Sequence[_Place], options: Options) -> None:
        """Run the sequence on pictures and cache its answers."""
        self.sequence.run([place.arrival for place in places], options)
        for place in places:
            outcome = place.arrival.outcome
            if self.answers and place.claim and isinstance(outcome, Classification):
                self.answers.keep(place.claim, outcome)

    def _release(self, places: Sequence[Outcome | _Place]) -> None:
        for place in places:
            if isinstance(place, _Place) and place.claim and self.answers:
                self.answers.release(place.claim)

    def _join(self, place: _Place, options: Options) -> bool:
        """Wait for the answer of another caller; return whether there was one."""
        if place.claim is None or self.answers is None:
            return False
        arrival, started = place.arrival, time.perf_counter()
        found = self.answers.wait(place.claim, self._patience(arrival, options))
        arrival.seconds += time.perf_counter() - started
        if found is None:
            return False
        arrival.outcome = repeated(found, arrival.seconds)
        return True

    def _patience(self, arrival: Arrival, options: Options) -> float | None:
        """Return the seconds to wait so that the budget still leaves time for the network.

        The deadline bounds the waiting, too.
        """
        bounds = [] if options.seconds_left is None else [options.seconds_left]
        if options.time_budget is not None:
            network = self.statistics.neural_seconds() or 0.0
            bounds.append(options.time_budget - arrival.seconds - network)
        return min(bounds, default=None)
