"""Single flight: one caller computes an answer, and the other callers wait for it."""

from __future__ import annotations

from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import dataclass
from threading import Lock

from logo_classifier.caching.levels import LevelledCache, Lookup
from logo_classifier.values import Classification

LONGEST_WAIT_SECONDS = 30.0
"""After this time a caller stops waiting and computes the answer itself."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to compute an answer that is not known yet, or to wait for it.

    If `leads` is true, the caller must end with `SingleFlight.keep` or `release` in any case.
    """

    sha256: str
    variant: str
    leads: bool
    promise: Future[Classification | None]


class SingleFlight:
    """A thread-safe cache of answers in which only one caller computes each missing answer."""

    def __init__(self, cache: LevelledCache[Classification]) -> None:
        self.cache = cache
        self._lock = Lock()
        self._promises: dict[str, Future[Classification | None]] = {}

    def recall(self, sha256: str, variant: str) -> Classification | None:
        """Return the answer that this process remembers, or None; waits for nothing."""
        return self.cache.recall(sha256, variant)

    def ask(self, sha256: str, variant: str) -> Classification | Claim:
        """Return the answer for a picture and options, or a claim to compute or wait for it."""
        known = self.cache.recall(sha256, variant)
        if known is not None:
            return known
        claim = self._claim(sha256, variant)
        if not claim.leads:
            return claim
        with ExitStack() as when_lost:
            when_lost.callback(self.release, claim)  # otherwise the others would wait in vain
            known = self._look_again(claim)
            if known is None:
                when_lost.pop_all()
                return claim
            self.release(claim, known)
            return known

    def wait(self, claim: Claim, seconds: float | None) -> Classification | None:
        """Return the answer of another caller; None if it gives none or not in time.

        Never call this while holding a claim that leads: two callers could deadlock.
        """
        longest = LONGEST_WAIT_SECONDS if seconds is None else min(seconds, LONGEST_WAIT_SECONDS)
        try:
            found = claim.promise.result(max(0.0, longest))
        except TimeoutError:
            found = None
        self.cache.count(Lookup.MISS if found is None else Lookup.JOINED)
        return found

    def keep(self, claim: Claim, answer: Classification) -> None:
        """Cache an answer and give it to the waiting callers, unless its route is reduced."""
        if answer.route.reduced:
            # Other callers may have more time, and the network may work again.
            self.release(claim)
            return
        self.cache.put(answer, claim.sha256, claim.variant)
        self.release(claim, answer)

    def release(self, claim: Claim, answer: Classification | None = None) -> None:
        """End the wait of other callers; without an answer they compute it. Idempotent."""
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
        """Look up again, as another caller may have finished between look-up and claim."""
        known = self.cache.memory.get(self.cache.key(claim.sha256, claim.variant))
        if known is not None:
            self.cache.count(Lookup.JOINED)
            return known
        return self.cache.fetch(claim.sha256, claim.variant)
