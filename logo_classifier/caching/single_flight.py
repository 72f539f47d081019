"""Single flight: one caller computes an answer, others who want the same one wait for it."""

from __future__ import annotations

from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import dataclass
from threading import Lock

from logo_classifier.caching.levels import LevelledCache, Lookup
from logo_classifier.values import AUTO, Classification, Method

LONGEST_WAIT_SECONDS = 30.0
"""After this a caller stops waiting for another and works itself: two answers beat none."""


@dataclass(frozen=True, slots=True)
class Claim:
    """An answer that is not known yet.

    Whoever `leads` owes the others a `keep` or a `release`, whatever happens.
    """

    sha256: str
    variant: str
    leads: bool
    promise: Future[Classification | None]


class SingleFlight:
    """A cache of answers, and who computes which of them at the moment; safe between threads."""

    def __init__(self, cache: LevelledCache[Classification]) -> None:
        self.cache = cache
        self._lock = Lock()
        self._promises: dict[str, Future[Classification | None]] = {}

    def ask(self, sha256: str, requested: Method | None) -> Classification | Claim:
        """Return the answer for a picture and a method, or a claim to work it out or wait for."""
        variant = requested or AUTO
        known = self.cache.recall(sha256, variant)
        if known is not None:
            return known
        claim = self._claim(sha256, variant)
        if not claim.leads:
            return claim
        with ExitStack() as when_lost:
            when_lost.callback(self.release, claim)  # or others would wait for what never comes
            known = self._look_again(claim)
            if known is None:
                when_lost.pop_all()
                return claim
            self.release(claim, known)
            return known

    def wait(self, claim: Claim, seconds: float | None) -> Classification | None:
        """Wait for another's answer; None where there is none that suits, or not in time.

        Never call this while holding a claim that leads: two callers could wait for each other.
        """
        longest = LONGEST_WAIT_SECONDS if seconds is None else min(seconds, LONGEST_WAIT_SECONDS)
        try:
            found = claim.promise.result(max(0.0, longest))
        except TimeoutError:
            found = None
        self.cache.count(Lookup.MISS if found is None else Lookup.JOINED)
        return found

    def keep(self, claim: Claim, answer: Classification) -> None:
        """Remember an answer and give it to those who wait, unless circumstances forced it."""
        if answer.route.reduced:
            # It would answer callers who have time, or a network that works again.
            self.release(claim)
            return
        self.cache.put(answer, claim.sha256, claim.variant)
        self.release(claim, answer)

    def release(self, claim: Claim, answer: Classification | None = None) -> None:
        """End the wait of others; without an answer they work themselves. Twice does no harm."""
        if not claim.leads or claim.promise.done():
            return
        with self._lock:
            del self._promises[self.cache.key(claim.sha256, claim.variant)]
        claim.promise.set_result(answer)

    def _claim(self, sha256: str, variant: str) -> Claim:
        key = self.cache.key(sha256, variant)
        with self._lock:
            promise = self._promises.get(key)
            if promise is not None:
                return Claim(sha256, variant, False, promise)
            promise = self._promises[key] = Future()
            return Claim(sha256, variant, True, promise)

    def _look_again(self, claim: Claim) -> Classification | None:
        """Look where an answer may be by now: another may have ended between look and claim."""
        known = self.cache.memory.get(self.cache.key(claim.sha256, claim.variant))
        if known is not None:
            self.cache.count(Lookup.JOINED)
            return known
        return self.cache.fetch(claim.sha256, claim.variant)
