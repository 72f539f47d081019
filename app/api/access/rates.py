"""A fixed-window rate limit per client."""

from __future__ import annotations

import hashlib
import math
import re
import time
from contextlib import suppress
from http import HTTPStatus
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

from flask import Blueprint, Flask, request
from flask.wrappers import Response
from flask_limiter import Limiter, RequestLimit
from limits.errors import StorageError

from app.api.access.keys import is_preflight, valid_key
from app.config import Settings

POLICY_HEADER, LEFT_HEADER = "RateLimit-Policy", "RateLimit"

_IPV6_SITE_BITS = 64
_NO_ADDRESS = "unknown"

_TTL_ROUNDING_SECONDS = 0.5
"""Redis rounds the TTL of a window, and the result may be this much too small."""

_WRAPPED: dict[str, Any] = {"wrap_exceptions": True}
_REDIS_OPTIONS = _WRAPPED | {"socket_connect_timeout": 0.2, "socket_timeout": 0.2}
"""In seconds. A Redis that does not answer must not block a request."""


def limit_rate(app: Flask, protected: Blueprint, settings: Settings) -> None:
    """Apply the rate limit of the settings to each client, over all views of `protected`."""

    def client() -> str:
        # A request with an invalid key counts for its address. Otherwise clients could guess keys
        # without a limit.
        key = valid_key(settings.api_keys)
        return hashlib.sha256(key.encode()).hexdigest() if key else network(request.remote_addr)

    limiter = Limiter(
        client,
        app=app,
        storage_uri=_counts_uri(settings),
        storage_options=_REDIS_OPTIONS if settings.redis_url else _WRAPPED,
        # In memory, a moving window of `limits` would keep every client forever.
        strategy="fixed-window",
        # The prefix separates these keys from those of other strategies, which have other types.
        key_prefix="windows",
        # Separate limits for the fallback would also apply to probes. It uses the limit below.
        in_memory_fallback_enabled=bool(settings.redis_url),
    )
    limiter.shared_limit(
        settings.rate_limit,
        scope=protected.name,
        error_message=f"the rate of one client is {settings.rate_limit}, a batch counting once",
        exempt_when=is_preflight,
    )(protected)

    # The limiter's own headers are not used: they are on every reply, and would also make the
    # Retry-After of other errors longer.
    @app.after_request
    def tell_the_rate(response: Response) -> Response:
        if limiter.current_limit:
            _describe(limiter.current_limit, protected.name, response)
        return response


def _describe(limit: RequestLimit, name: str, response: Response) -> None:
    """Add the policy, what is left of it and, to a refusal, when to come back.

    draft-ietf-httpapi-ratelimit-headers-10: q is a quota for w seconds, of which r requests are
    left for the next t seconds.
    """
    quota, window_seconds = limit.limit.amount, limit.limit.get_expiry()
    response.headers[POLICY_HEADER] = f'"{name}";q={quota};w={window_seconds}'
    left_seconds = 1
    # A store that fails between the count and this reply costs no answer.
    with suppress(StorageError):
        until, left = limit.window
        left_seconds = max(1, math.ceil(until - time.time() + _TTL_ROUNDING_SECONDS))
        seconds = min(left_seconds, window_seconds)
        response.headers[LEFT_HEADER] = f'"{name}";r={max(0, left)};t={seconds}'
    if response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        response.retry_after = left_seconds


def network(address: str | None) -> str:
    """Return the address of a client, or the /64 network of its IPv6 site (RFC 6177).

    Some proxies add the port of the connection, or brackets. Neither makes another client. All that
    is no address counts as one client.
    """
    parsed = _parse(address or "")
    if parsed is None:
        return _NO_ADDRESS
    if isinstance(parsed, IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped:  # how a dual-stack socket shows IPv4 clients
        return str(parsed.ipv4_mapped)
    return str(ip_network((parsed, _IPV6_SITE_BITS), strict=False))


def _parse(text: str) -> IPv4Address | IPv6Address | None:
    """Return an address that may be in brackets, and may have a port."""
    text = text.strip()
    for candidate in (text, text.rpartition(":")[0]):
        with suppress(ValueError):
            return ip_address(candidate.removeprefix("[").removesuffix("]"))
    return None


def _counts_uri(settings: Settings) -> str:
    # redis-py calls this scheme unix, `limits` calls it redis+unix.
    return re.sub("^unix:", "redis+unix:", settings.redis_url) or "memory://"
