"""Headers of proxies count where proxies are trusted, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

ClientMaker = Callable[..., FlaskClient]

PREFIX = {"X-Forwarded-Prefix": "/logos"}


def test_links_and_the_form_of_pages_work_below_a_prefix(make_client: ClientMaker) -> None:
    client = make_client(trusted_proxies=1)

    home, docs = (client.get(path, headers=PREFIX).text for path in ("/", "/docs"))

    assert 'action="/logos/"' in home
    assert 'data-classify="/logos/classify"' in home
    assert 'href="/logos/docs"' in home
    assert 'href="/logos/static/page.css"' in home
    assert 'href="/logos/openapi.json"' in docs
    assert "http://localhost/logos/classify<" in docs


def test_the_contract_and_problems_name_the_prefix_too(make_client: ClientMaker) -> None:
    client = make_client(trusted_proxies=1)

    assert client.get("/openapi.json", headers=PREFIX).json["servers"] == [{"url": "/logos"}]
    assert client.get("/openapi.json").json["servers"][0]["url"] == "/"
    assert client.get("/x", headers=PREFIX).json["type"] == "/logos/docs#not_found"


def test_a_prefix_that_no_trusted_proxy_tells_is_ignored(client: FlaskClient) -> None:
    assert client.get("/", headers=PREFIX).text == client.get("/").text


@pytest.mark.parametrize(
    "prefix",
    [
        "//evil.example",
        "https://evil.example",
        "logos",
        "/a b",
        '/"onload=',
        "/a//b",
        "/",
        "/é",
        "",
    ],
)
def test_a_prefix_that_is_no_path_is_ignored(make_client: ClientMaker, prefix: str) -> None:
    client = make_client(trusted_proxies=1)

    reply = client.get("/", headers={"X-Forwarded-Prefix": prefix})

    assert reply.text == client.get("/").text


@pytest.mark.parametrize("told", ["/logos/", "/elsewhere, /logos", "/logos"])
def test_the_nearest_proxy_tells_the_prefix(make_client: ClientMaker, told: str) -> None:
    reply = make_client(trusted_proxies=1).get("/", headers={"X-Forwarded-Prefix": told})

    assert 'data-classify="/logos/classify"' in reply.text


@pytest.mark.parametrize(
    ("proxies", "told", "scheme"),
    [(1, "https", "https"), (1, "HTTPS", "https"), (1, "javascript", "http"), (0, "https", "http")],
)
def test_the_scheme_is_what_a_trusted_proxy_tells(
    make_client: ClientMaker, proxies: int, told: str, scheme: str
) -> None:
    client = make_client(trusted_proxies=proxies)

    reply = client.get("/docs", headers={"X-Forwarded-Proto": told, "X-Forwarded-Ssl": "off"})

    assert f" {scheme}://localhost/classify<" in reply.text
