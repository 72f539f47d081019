"""Decide who gets the candidate: a stable share, by a salted hash.

The same key always gets the same version, and another trial, with another salt, has other halves
(Kohavi, Tang and Xu, Trustworthy Online Controlled Experiments, 2020, chapter 14).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

_DIGEST_BYTES = 8


@dataclass(frozen=True, slots=True)
class Assignment:
    """A share (0-1) of all keys; `salt` is that of the trial."""

    salt: str
    share: float

    def takes(self, key: str) -> bool:
        """Return whether a key, such as an API key or the digest of a picture, is in the share."""
        digest = hashlib.sha256(f"{self.salt}\n{key}".encode()).digest()[:_DIGEST_BYTES]
        return int.from_bytes(digest) < self.share * float(2 ** (8 * _DIGEST_BYTES))
