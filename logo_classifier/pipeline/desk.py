"""The desk before the sequence: receive, look up, claim, wait, keep, deal out batches."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import repeat, zip_longest

from logo_classifier.caching.single_flight import Claim, SingleFlight
from logo_classifier.errors import ClassifierError
from logo_classifier.options import Options
from logo_classifier.pictures.source import Limits, Picture, Source, receive
from logo_classifier.pipeline.sequence import ClassificationSequence
from logo_classifier.pipeline.work import Arrival, Outcome, as_outcome, repeated
from logo_classifier.statistics import PerformanceStatistics
from logo_classifier.values import Classification

_BATCH_THREADS = min(4, os.cpu_count() or 1)


@dataclass(slots=True)
class _Place:
    """A picture's place at the desk; `claim` is None where caching is off."""

    arrival: Arrival
    claim: Claim | None

    @property
    def leads(self) -> bool:
        """Tell whether the picture is to be worked on here, and not waited for."""
        return self.claim is None or self.claim.leads


@dataclass(frozen=True, slots=True)
class Desk:
    """Hand pictures to the sequence, each once; `answers` is None where caching is off."""

    limits: Limits
    sequence: ClassificationSequence
    statistics: PerformanceStatistics
    answers: SingleFlight | None

    def run(self, sources: Sequence[Source | Picture], options: Options) -> list[Outcome]:
        """Return one outcome a source, in order; what is sent twice is worked on once.

        Takes at most one forward pass, and one more if what others worked on came to nothing.
        """
        received: list[Outcome | _Place] = []
        try:
            for source in sources:
                received.append(self._receive(source, options))  # noqa: PERF401 - kept if one raises
            places = [place for place in received if isinstance(place, _Place)]
            self._work([place for place in places if place.leads], options)
        finally:
            self._release(received)
        # Waiting comes after the release: two callers would else wait for each other for ever.
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
        """Return what `run` would, the pictures dealt out to as many threads as help."""
        threads = max(1, min(len(sources), _BATCH_THREADS))
        shares = [sources[first::threads] for first in range(threads)]
        with ThreadPoolExecutor(threads) as pool:
            results = list(pool.map(self.run, shares, repeat(options)))
        return [outcome for row in zip_longest(*results) for outcome in row if outcome is not None]

    def _receive(self, source: Source | Picture, options: Options) -> _Place | Outcome:
        """Read one picture and look it up."""
        started = time.perf_counter()
        claim: Claim | None = None
        try:
            picture = receive(source, self.limits)
            if self.answers:
                known = self.answers.ask(picture.sha256, options.requested)
                if isinstance(known, Classification):
                    return repeated(known, time.perf_counter() - started)
                claim = known
        except Exception as error:  # noqa: BLE001 - see as_outcome
            return as_outcome(error)
        return _Place(Arrival(picture, time.perf_counter() - started), claim)

    def _work(self, places: Sequence[_Place], options: Options) -> None:
        """Have the sequence work pictures out, and keep what it answers."""
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
        """Take the answer that another caller works out; tell whether there was one."""
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
        """Return the seconds that a budget leaves for waiting if the network is to be asked yet."""
        if options.time_budget is None:
            return None
        return options.time_budget - arrival.seconds - (self.statistics.neural_seconds() or 0.0)
