"""Wait for what other processes and threads do, as long as a loaded machine needs."""

from __future__ import annotations

import time
from collections.abc import Callable

from logo_classifier import HybridClassifier

PATIENCE_SECONDS = 90


def wait_until(holds: Callable[[], bool], what: str) -> None:
    """Poll until a condition holds; fail the test if it never does."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(0.05)


def wait_until_stored(classifier: HybridClassifier) -> HybridClassifier:
    """Wait until the shared store has what the classifier found out; return the classifier."""

    def pending() -> int:
        waiting: int = classifier.get_performance_stats()["caches"]["store_writes_pending"]
        return waiting

    wait_until(lambda: pending() == 0, "all is stored")
    return classifier
