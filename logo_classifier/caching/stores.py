"""Reach the stores that processes and machines can share: Redis and Memcached.

The library itself imports none of this; whoever composes a classifier passes a store in.
What is kept expires after a day; how much is kept is the server's own bound (`maxmemory` with
an evicting policy for Redis, `-m` for Memcached).
"""

from __future__ import annotations

from urllib.parse import urlsplit

from pymemcache import MemcacheError
from pymemcache.client.base import PooledClient
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from logo_classifier.caching.circuit_breaker import StoreError

TIMEOUT_SECONDS = 0.1
"""How long connecting, and each answer, may take; looking up the name of a host comes on top."""

TTL_SECONDS = 24 * 60 * 60

_MEMCACHED_PORT = 11211

# A ValueError comes of bytes that are no text where the address says decode_responses.
_REDIS_ERRORS = (RedisError, OSError, ValueError)

# pymemcache raises the last two for replies that are no Memcached's.
_MEMCACHED_ERRORS = (MemcacheError, OSError, LookupError, ValueError)


class RedisStore:
    """Keep values in the Redis at a URL of the schemes redis, rediss or unix.

    Raises ValueError for a URL with options that redis-py does not take.
    """

    def __init__(self, url: str) -> None:
        try:
            self._client = Redis.from_url(
                url,
                socket_connect_timeout=TIMEOUT_SECONDS,
                socket_timeout=TIMEOUT_SECONDS,
                retry=Retry(NoBackoff(), 0),
            )
            # Else it would look at most options at the first look-up. Nothing is connected yet.
            self._client.connection_pool.make_connection()
        except (RedisError, TypeError, ValueError) as error:
            raise ValueError(f"the address of Redis is refused: {error}") from error

    def get(self, key: str) -> bytes | None:
        """Return what is stored under the key, or None; raise StoreError where Redis fails."""
        try:
            found = self._client.get(key)
        except _REDIS_ERRORS as error:
            raise StoreError(f"Redis failed: {error}") from error
        if isinstance(found, str):  # where the address says decode_responses
            return found.encode()
        if not isinstance(found, bytes | None):
            raise StoreError(f"Redis gave {type(found).__name__} for bytes")
        return found

    def set(self, key: str, value: bytes) -> None:
        """Store a value for a day; raise StoreError where Redis fails."""
        try:
            self._client.set(key, value, ex=TTL_SECONDS)
        except _REDIS_ERRORS as error:
            raise StoreError(f"Redis failed: {error}") from error

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()


class MemcachedStore:
    """Keep values in the Memcached at an address like memcached://host:11211."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._client = PooledClient(
            (parts.hostname, parts.port or _MEMCACHED_PORT),
            connect_timeout=TIMEOUT_SECONDS,
            timeout=TIMEOUT_SECONDS,
            no_delay=True,
            default_noreply=False,
        )

    def get(self, key: str) -> bytes | None:
        """Return what is stored under the key, or None; raise StoreError where Memcached fails."""
        try:
            found: bytes | None = self._client.get(key)
        except _MEMCACHED_ERRORS as error:
            raise StoreError(f"Memcached failed: {error}") from error
        return found

    def set(self, key: str, value: bytes) -> None:
        """Store a value for a day; raise StoreError where Memcached fails."""
        try:
            self._client.set(key, value, expire=TTL_SECONDS)
        except _MEMCACHED_ERRORS as error:
            raise StoreError(f"Memcached failed: {error}") from error

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()
