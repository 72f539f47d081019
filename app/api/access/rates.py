"""A fixed-window rate limit per client."""

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
"""Redis rounds the TTL of a window, and the result may be this much too small."""

_REDIS_TIMEOUTS: dict[str, str | int] = {"socket_connect_timeout": 1, "socket_timeout": 1}
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
        storage_options=_REDIS_TIMEOUTS if settings.redis_url else {},
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
    def tell_when_to_come_back(response: Response) -> Response:
        breached = limiter.current_limit
        if response.status_code == HTTPStatus.TOO_MANY_REQUESTS and breached:
            until, _ = breached.window
            left_seconds = until - time.time() + _TTL_ROUNDING_SECONDS
            response.retry_after = max(1, math.ceil(left_seconds))
        return response


def network(address: str | None) -> str:
    """Return the address of a client, or the /64 network of its IPv6 site (RFC 6177)."""
    try:
        parsed = ip_address(address or "")
    except ValueError:
        return str(address)
    if isinstance(parsed, IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped:  # how a dual-stack socket shows IPv4 clients
        return str(parsed.ipv4_mapped)
    return str(ip_network((parsed, _IPV6_SITE_BITS), strict=False))


def _counts_uri(settings: Settings) -> str:
    # redis-py calls this scheme unix, `limits` calls it redis+unix.
    return re.sub("^unix:", "redis+unix:", settings.redis_url) or "memory://"
