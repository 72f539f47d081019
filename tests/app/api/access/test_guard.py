"""Keys, rates and other sites' pages: off unless a setting turns them on."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.app.api.forms import KEY, post

SITE = "https://app.example.org"

ClientMaker = Callable[..., FlaskClient]


def test_without_settings_nobody_is_asked_for_anything(client: FlaskClient, picture: bytes) -> None:
    reply = post(client, picture, Origin=SITE)

    assert reply.status_code == 200
    assert "Access-Control-Allow-Origin" not in reply.headers
    assert not [name for name, _ in reply.headers if "RateLimit" in name]


@pytest.mark.parametrize("path", ["/", "/docs", "/health", "/health/live", "/metrics"])
def test_probes_metrics_and_pages_need_no_key_and_have_no_rate(
    make_client: ClientMaker, path: str
) -> None:
    client = make_client(api_keys=(KEY,), rate_limit="1/day")

    assert [client.get(path).status_code for _ in range(3)] == [200, 200, 200]


def test_pages_of_listed_sites_may_call(make_client: ClientMaker, picture: bytes) -> None:
    client = make_client(cors_origins=(SITE,), api_keys=(KEY,))

    asked = client.options(
        "/classify",
        headers={
            "Origin": SITE,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "X-API-Key",
        },
    )
    reply = post(client, picture, Origin=SITE, X_API_Key=KEY)

    assert asked.status_code == 200
    assert asked.headers["Access-Control-Allow-Origin"] == SITE
    assert "X-API-Key" in asked.headers["Access-Control-Allow-Headers"]
    assert reply.headers["Access-Control-Allow-Origin"] == SITE
    assert "X-Request-ID" in reply.headers["Access-Control-Expose-Headers"]


def test_asking_whether_a_page_may_call_counts_for_no_rate(
    make_client: ClientMaker, picture: bytes
) -> None:
    client = make_client(cors_origins=(SITE,), rate_limit="1/hour")
    asked = {"Origin": SITE, "Access-Control-Request-Method": "POST"}

    codes = [client.options("/classify", headers=asked).status_code for _ in range(3)]

    assert codes == [200, 200, 200]
    assert post(client, picture).status_code == 200


def test_pages_of_other_sites_may_not(make_client: ClientMaker, picture: bytes) -> None:
    reply = post(make_client(cors_origins=(SITE,)), picture, Origin="https://evil.example")

    assert "Access-Control-Allow-Origin" not in reply.headers


def test_a_refused_key_can_be_read_by_a_listed_page(
    make_client: ClientMaker, picture: bytes
) -> None:
    reply = post(make_client(cors_origins=(SITE,), api_keys=(KEY,)), picture, Origin=SITE)

    assert reply.status_code == 401
    assert reply.headers["Access-Control-Allow-Origin"] == SITE
