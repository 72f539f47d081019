"""Stores that processes and machines can share: Redis and Memcached.

The library imports this module only in `open_store`. Values have a time to live of one day. The
server bounds their size (`maxmemory` with an eviction policy for Redis, `-m` for Memcached).
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock, local
from typing import Any, Protocol, TypeVar
from urllib.parse import urlsplit
from weakref import WeakSet

from pymemcache import MemcacheError
from pymemcache.client.base import PooledClient
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from logo_classifier.caching.circuit_breaker import StoreError

TIMEOUT_SECONDS = 0.1
"""Time limit for connecting and for each reply; it does not cover the DNS look-up."""

TTL_SECONDS = 24 * 60 * 60

_MEMCACHED_PORT = 11211

# ValueError: the address sets decode_responses, and a value is not valid text.
_REDIS_ERRORS = (RedisError, OSError, ValueError)

# LookupError and ValueError: the reply does not follow the Memcached protocol.
_MEMCACHED_ERRORS = (MemcacheError, OSError, LookupError, ValueError)


class _Client(Protocol):
    def close(self) -> None: ...


_C = TypeVar("_C", bound=_Client)


class _Own(local):
    """The client of each thread, made when the thread first asks; threads share no connection.

    Where sockets are cooperative (gevent), one that a thread has waited on fails in another. What
    is passed to a subclass of `threading.local` reaches `__init__` in each thread anew.
    """

    def __init__(self, make: Callable[[], _C], made: WeakSet[_C], lock: Lock) -> None:
        self.client = make()
        with lock:
            made.add(self.client)


class _Clients:
    """The clients of all threads."""

    def __init__(self, make: Callable[[], _Client]) -> None:
        self._made: WeakSet[_Client] = WeakSet()
        self._lock = Lock()
        self._own = _Own(make, self._made, self._lock)

    def own(self) -> Any:
        """Return the client of this thread."""
        return self._own.client

    def close(self) -> None:
        """Close the connections of all threads."""
        with self._lock:
            for client in list(self._made):
                client.close()


class RedisStore:
    """A store in the Redis at a URL of the scheme redis, rediss or unix.

    Raises ValueError for a URL with options that redis-py does not accept.
    """

    def __init__(self, url: str) -> None:
        def make() -> Redis:
            return Redis.from_url(
                url,
                socket_connect_timeout=TIMEOUT_SECONDS,
                socket_timeout=TIMEOUT_SECONDS,
                retry=Retry(NoBackoff(), 0),
            )

        try:
            self._clients = _Clients(make)
            # Otherwise redis-py would check most options only at the first look-up. This does not
            # connect yet.
            self._clients.own().connection_pool.make_connection()
        except (RedisError, TypeError, ValueError) as error:
            raise ValueError(f"the address of Redis is refused: {error}") from error

    def get(self, key: str) -> bytes | None:
        """Return the value of a key, or None; raise StoreError if Redis fails."""
        try:
            found = self._clients.own().get(key)
        except _REDIS_ERRORS as error:
            raise StoreError(f"Redis failed: {error}") from error
        if isinstance(found, str):  # the address sets decode_responses
            return found.encode()
        if not isinstance(found, bytes | None):
            raise StoreError(f"Redis gave {type(found).__name__} for bytes")
        return found

    def set(self, key: str, value: bytes) -> None:
        """Store a value for `TTL_SECONDS`; raise StoreError if Redis fails."""
        try:
            self._clients.own().set(key, value, ex=TTL_SECONDS)
        except _REDIS_ERRORS as error:
            raise StoreError(f"Redis failed: {error}") from error

    def close(self) -> None:
        """Close the connections."""
        self._clients.close()


class MemcachedStore:
    """A store in the Memcached at an address like memcached://host:11211."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._clients = _Clients(
            lambda: PooledClient(
                (parts.hostname, parts.port or _MEMCACHED_PORT),
                connect_timeout=TIMEOUT_SECONDS,
                timeout=TIMEOUT_SECONDS,
                no_delay=True,
                default_noreply=False,
            )
        )

    def get(self, key: str) -> bytes | None:
        """Return the value of a key, or None; raise StoreError if Memcached fails."""
        try:
            found: bytes | None = self._clients.own().get(key)
        except _MEMCACHED_ERRORS as error:
            raise StoreError(f"Memcached failed: {error}") from error
        return found

    def set(self, key: str, value: bytes) -> None:
        """Store a value for `TTL_SECONDS`; raise StoreError if Memcached fails."""
        try:
            self._clients.own().set(key, value, expire=TTL_SECONDS)
        except _MEMCACHED_ERRORS as error:
            raise StoreError(f"Memcached failed: {error}") from error

    def close(self) -> None:
        """Close the connections."""
        self._clients.close()
