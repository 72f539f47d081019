"""Security headers of every reply, and checks of the headers that every request must pass."""

from __future__ import annotations

import re
from typing import Final

from flask import request
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from werkzeug.exceptions import BadRequest

HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "connect-src 'self'; img-src 'self' blob: data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

_HOST = re.compile(
    r"(?:[A-Za-z0-9._~!$&'()*+,;=%-]*|\[[0-9A-Fa-f:.]+(?:%[A-Za-z0-9._~%-]+)?\])(?::[0-9]*)?"
)
"""A host and a port (RFC 3986, section 3.2.2)."""


def harden(response: Response) -> Response:
    """Add security headers: own scripts alone, no framing and no content sniffing.

    A page that needs a policy of its own has set it.
    """
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response


def check_host() -> ResponseReturnValue | None:
    """Refuse HTTP/1.1 without a Host header, and any malformed one (RFC 9112, section 3.2)."""
    host = request.environ.get("HTTP_HOST")
    if host is None and request.environ.get("SERVER_PROTOCOL") == "HTTP/1.1":
        raise BadRequest("an HTTP/1.1 request needs a Host header")
    if host and not _HOST.fullmatch(host):
        raise BadRequest("the Host header is malformed")
    return None
