"""Believe the headers of proxies that the deployment trusts, and nobody else's."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from werkzeug.middleware.proxy_fix import ProxyFix

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_PREFIX = re.compile(r"(/[A-Za-z0-9._~-]+)+")
"""Two slashes at the start would lead a page's links and its form to another host."""

_SCHEMES = ("http", "https")


def trust_proxies(application: WSGIApplication, proxies: int) -> WSGIApplication:
    """Return an application that takes client, scheme and prefix from that many proxies in front.

    Every proxy appends to X-Forwarded-For. The nearest one tells the scheme and the prefix.
    """
    fixed = ProxyFix(application, x_for=proxies, x_proto=1, x_host=0, x_prefix=1)

    def checked(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        prefix = _nearest(environ, "HTTP_X_FORWARDED_PREFIX").rstrip("/")
        scheme = _nearest(environ, "HTTP_X_FORWARDED_PROTO").lower()
        environ["HTTP_X_FORWARDED_PREFIX"] = prefix if _PREFIX.fullmatch(prefix) else ""
        environ["HTTP_X_FORWARDED_PROTO"] = scheme if scheme in _SCHEMES else ""
        return fixed(environ, start_response)

    return checked


def _nearest(environ: WSGIEnvironment, name: str) -> str:
    return str(environ.get(name, "")).rpartition(",")[2].strip()
