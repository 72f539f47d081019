"""Decide who may classify: API keys, a rate for each client, pages of other sites.

All three are off unless a setting turns them on. Probes, metrics and pages are never refused.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import time
from http import HTTPStatus

from flask import Blueprint, Flask, request
from flask.typing import BeforeRequestCallable, ResponseReturnValue
from flask.wrappers import Response
from flask_cors import CORS
from flask_limiter import Limiter
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized
from werkzeug.middleware.proxy_fix import ProxyFix

from app.api.request_ids import HEADER as REQUEST_ID_HEADER
from app.config import Settings

KEY_HEADER = "X-API-Key"
_PREFLIGHT_SECONDS = 600
_REDIS_TIMEOUTS: dict[str, str | int] = {"socket_connect_timeout": 1, "socket_timeout": 1}
"""In seconds: a Redis that does not answer must not hold a request."""


def guard_access(app: Flask, protected: Blueprint, settings: Settings) -> None:
    """Put the checks that the settings name before every view of `protected`."""
    if settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.trusted_proxies)  # type: ignore[method-assign]
    if settings.rate_limit:
        _limit_rate(app, protected, settings)
    if settings.api_keys:
        app.before_request(_key_check(protected, settings.api_keys))
    if settings.cors_origins:
        CORS(
            app,
            resources={"/classify*": {}},
            origins=list(settings.cors_origins),
            methods=["POST"],
            allow_headers=["Content-Type", KEY_HEADER, REQUEST_ID_HEADER],
            expose_headers=[REQUEST_ID_HEADER, "Retry-After"],
            max_age=_PREFLIGHT_SECONDS,
        )


def _key_check(protected: Blueprint, keys: tuple[str, ...]) -> BeforeRequestCallable:
    def check() -> ResponseReturnValue | None:
        if request.blueprint != protected.name or _is_preflight():
            return None
        if _valid_key(keys) is None:
            raise Unauthorized(
                f"send a valid key in the header {KEY_HEADER}",
                www_authenticate=WWWAuthenticate("ApiKey", {"realm": "classify"}),
            )
        return None

    return check


def _valid_key(keys: tuple[str, ...]) -> str | None:
    """Return the request's key if it is one of `keys`; the time taken tells nothing of them."""
    given = request.headers.get(KEY_HEADER, "").encode()
    matches = [hmac.compare_digest(given, key.encode()) for key in keys]
    return given.decode() if any(matches) else None


def _limit_rate(app: Flask, protected: Blueprint, settings: Settings) -> None:
    def client() -> str:
        # An invalid key counts for its sender's address, or guessing keys would be unlimited.
        key = _valid_key(settings.api_keys)
        return hashlib.sha256(key.encode()).hexdigest() if key else str(request.remote_addr)

    limiter = Limiter(
        client,
        app=app,
        storage_uri=_counts_uri(settings),
        storage_options=_REDIS_TIMEOUTS if settings.redis_url else {},
        strategy="moving-window",
        # Limits of the fallback's own would hold for probes too: it takes the one below.
        in_memory_fallback_enabled=bool(settings.redis_url),
    )
    limiter.shared_limit(
        settings.rate_limit,
        scope=protected.name,
        error_message=f"the rate of one client is {settings.rate_limit}, a batch counting once",
        exempt_when=_is_preflight,
    )(protected)

    # Not by the limiter's own headers, which stand on every reply and lengthen other waits.
    @app.after_request
    def tell_when_to_come_back(response: Response) -> Response:
        breached = limiter.current_limit
        if response.status_code == HTTPStatus.TOO_MANY_REQUESTS and breached:
            response.retry_after = max(1, int(breached.reset_at - time.time()))
        return response


def _counts_uri(settings: Settings) -> str:
    # What redis-py calls unix, limits calls redis+unix.
    return re.sub("^unix:", "redis+unix:", settings.redis_url) or "memory://"


def _is_preflight() -> bool:
    """Tell whether a browser only asks what it may send."""
    return request.method == "OPTIONS"
