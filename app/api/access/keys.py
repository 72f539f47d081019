"""Authenticate clients by API keys."""

from __future__ import annotations

import hmac

from flask import Blueprint, g, request
from flask.typing import BeforeRequestCallable, ResponseReturnValue
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized

HEADER = "X-API-Key"


def key_check(protected: Blueprint, keys: tuple[str, ...]) -> BeforeRequestCallable:
    """Return a check that refuses requests for `protected` without one of the keys."""

    def check() -> ResponseReturnValue | None:
        if request.blueprint != protected.name or is_preflight():
            return None
        g.api_key = valid_key(keys)
        if g.api_key is None:
            raise Unauthorized(
                f"send a valid key in the header {HEADER}",
                www_authenticate=WWWAuthenticate("ApiKey", {"realm": "classify"}),
            )
        return None

    return check


def valid_key(keys: tuple[str, ...]) -> str | None:
    """Return the request's key if it is one of `keys`; compare in constant time."""
    given = request.headers.get(HEADER, "").encode()
    matches = [hmac.compare_digest(given, key.encode()) for key in keys]
    return given.decode() if any(matches) else None


def is_preflight() -> bool:
    """Return whether the request is a CORS preflight."""
    return request.method == "OPTIONS"
