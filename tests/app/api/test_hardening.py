"""Every reply carries the security headers, and HTTP/1.1 needs a valid Host."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from werkzeug.test import create_environ, run_wsgi_app

from app.api.hardening import HEADERS


def get(client: FlaskClient, host: str | None, protocol: str = "HTTP/1.1") -> int:
    """Return the status of a request with exactly this Host; the test client would mend it."""
    environ = create_environ("/health/live") | {"SERVER_PROTOCOL": protocol, "HTTP_HOST": host}
    if host is None:
        del environ["HTTP_HOST"]
    _, status, _ = run_wsgi_app(client.application, environ)
    return int(status.split()[0])


def test_http_1_1_without_a_host_is_refused_and_http_1_0_is_not(client: FlaskClient) -> None:
    assert get(client, None) == 400
    assert get(client, None, "HTTP/1.0") == 200


@pytest.mark.parametrize(
    "host", ["x", "a.example:8000", "127.0.0.1", "[::1]:80", "[fe80::1%25eth0]", "", "a_b"]
)
def test_a_valid_host_is_taken(client: FlaskClient, host: str) -> None:
    assert get(client, host) == 200


@pytest.mark.parametrize("host", ["a b", "a@b", "a/b", "a:b", "[::1", "é", "a,b c", "<x>"])
def test_a_malformed_host_is_refused(client: FlaskClient, host: str) -> None:
    assert get(client, host) == 400


@pytest.mark.parametrize("path", ["/", "/health", "/nowhere", "/classify"])
def test_every_reply_carries_the_security_headers(client: FlaskClient, path: str) -> None:
    assert HEADERS.items() <= dict(client.get(path).headers).items()
