"""Count how the units of a trial were split, for the sample-ratio check."""

from __future__ import annotations

import hashlib
from threading import Lock

MOST_UNITS = 65_536
"""Units that are remembered; later ones are not counted."""

_DIGEST_BYTES = 8


class FirstSeen:
    """A bounded, thread-safe set of keys.

    The check needs independent units. A client that sends a thousand requests is one unit.
    """

    def __init__(self, most: int = MOST_UNITS) -> None:
        self._most = most
        self._seen: set[bytes] = set()
        self._lock = Lock()

    def is_new(self, key: str) -> bool:
        """Return whether a key comes for the first time, and remember it; False if it is full."""
        digest = hashlib.sha256(key.encode()).digest()[:_DIGEST_BYTES]
        with self._lock:
            if digest in self._seen or len(self._seen) >= self._most:
                return False
            self._seen.add(digest)
            return True
