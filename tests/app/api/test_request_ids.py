"""One identifier ties a request, its reply and its log lines together."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient


def test_a_sane_identifier_is_taken_over(client: FlaskClient) -> None:
    reply = client.get("/health", headers={"X-Request-ID": "edge-7.a_B"})

    assert reply.headers["X-Request-ID"] == reply.json["request_id"] == "edge-7.a_B"


@pytest.mark.parametrize("given", ["", "two words", "a" * 129, "ä", "x;y", '"quoted"'])
def test_any_other_identifier_is_replaced(client: FlaskClient, given: str) -> None:
    reply = client.get("/health", headers={"X-Request-ID": given.encode().decode("latin-1")})

    assert re.fullmatch("[0-9a-f]{32}", reply.headers["X-Request-ID"])


def test_every_request_gets_its_own(client: FlaskClient) -> None:
    given = {client.get("/").headers["X-Request-ID"] for _ in range(20)}

    assert len(given) == 20
