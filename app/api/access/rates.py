"""Bound how often each client may ask."""

from __future__ import annotations

import hashlib
import math
import re
import time
from http import HTTPStatus
from ipaddress import IPv4Address, ip_address, ip_network

from flask import Blueprint, Flask, request
from flask.wrappers import Response
from flask_limiter import Limiter

from app.api.access.keys import is_preflight, valid_key
from app.config import Settings

_IPV6_SITE_BITS = 64
_TTL_ROUNDING_SECONDS = 0.5
"""How much less than the time left Redis may tell (TTL)."""

_REDIS_TIMEOUTS: dict[str, str | int] = {"socket_connect_timeout": 1, "socket_timeout": 1}
"""In seconds: a Redis that does not answer must not hold a request."""


def limit_rate(app: Flask, protected: Blueprint, settings: Settings) -> None:
    """Hold each client to the rate of the settings, over all views of `protected` together."""

    def client() -> str:
        # An invalid key counts for its sender's address, or guessing keys would be unlimited.
        key = valid_key(settings.api_keys)
        return hashlib.sha256(key.encode()).hexdigest() if key else network(request.remote_addr)

    limiter = Limiter(
        client,
        app=app,
        storage_uri=_counts_uri(settings),
        storage_options=_REDIS_TIMEOUTS if settings.redis_url else {},
        # In memory `limits` never forgets a client of its moving window.
        strategy="fixed-window",
        # Not among the keys of other strategies, which hold values of other kinds.
        key_prefix="windows",
        # Limits of the fallback's own would hold for probes too: it takes the one below.
        in_memory_fallback_enabled=bool(settings.redis_url),
    )
    limiter.shared_limit(
        settings.rate_limit,
        scope=protected.name,
        error_message=f"the rate of one client is {settings.rate_limit}, a batch counting once",
        exempt_when=is_preflight,
    )(protected)

    # Not by the limiter's own headers, which stand on every reply and lengthen other waits.
    @app.after_request
    def tell_when_to_come_back(response: Response) -> Response:
        breached = limiter.current_limit
        if response.status_code == HTTPStatus.TOO_MANY_REQUESTS and breached:
            until, _ = breached.window
            left_seconds = until - time.time() + _TTL_ROUNDING_SECONDS
            response.retry_after = max(1, math.ceil(left_seconds))
        return response


def network(address: str | None) -> str:
    """Return what a client counts as: its address, or the /64 that an IPv6 site has (RFC 6177)."""
    try:
        parsed = ip_address(address or "")
    except ValueError:
        return str(address)
    if isinstance(parsed, IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped:  # as a socket for both families tells IPv4 clients
        return str(parsed.ipv4_mapped)
    return str(ip_network((parsed, _IPV6_SITE_BITS), strict=False))


def _counts_uri(settings: Settings) -> str:
    # What redis-py calls unix, limits calls redis+unix.
    return re.sub("^unix:", "redis+unix:", settings.redis_url) or "memory://"
