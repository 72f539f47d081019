"""The pages for people and the contract for machines."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from app.api.views.site import contract

ClientMaker = Callable[..., FlaskClient]


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_a_page_is_served(client: FlaskClient, path: str) -> None:
    reply = client.get(path)

    assert reply.status_code == 200
    assert reply.mimetype == "text/html"
    assert "Logo classifier" in reply.text


def test_pages_hold_no_inline_script_or_style(client: FlaskClient) -> None:
    text = client.get("/").text + client.get("/docs").text

    assert "<script" not in text
    assert "style=" not in text


def test_the_style_sheet_of_the_pages_exists(client: FlaskClient) -> None:
    with client.get("/static/page.css") as reply:
        assert reply.status_code == 200


def test_every_kind_of_problem_has_its_anchor_in_the_docs(client: FlaskClient) -> None:
    text = client.get("/docs").text

    for kind in contract()["components"]["schemas"]["ErrorKind"]["oneOf"]:
        assert f'id="{kind["const"]}"' in text


def test_the_docs_describe_every_option_and_every_field_of_an_answer(client: FlaskClient) -> None:
    text = client.get("/docs").text
    schemas = contract()["components"]["schemas"]

    for name in (*schemas["Options"]["properties"], *schemas["Classification"]["properties"]):
        assert re.search(rf"<code>{name}</code>.*</dt>\s*<dd>\w", text), name


def test_the_docs_call_the_service_where_it_is(client: FlaskClient) -> None:
    assert (
        "https://logos.example/classify<"
        in client.get("/docs", base_url="https://logos.example").text
    )


def test_the_form_names_the_limits_of_the_deployment(make_client: ClientMaker) -> None:
    text = make_client(max_upload_bytes=3 * 2**20).get("/").text

    assert "Up to 3.0 MiB, each side 10 to 5000 px" in text


def test_where_keys_are_asked_for_there_is_no_form_that_cannot_send_one(
    make_client: ClientMaker,
) -> None:
    text = make_client(api_keys=("first-key-0123456789",)).get("/").text

    assert "<form" not in text
    assert "asks for a key" in text


def test_the_contract_is_served(client: FlaskClient) -> None:
    reply = client.get("/openapi.json")

    assert reply.json == contract()
    assert reply.json["openapi"] == "3.1.0"


@pytest.mark.parametrize("path", ["/", "/health", "/nowhere"])
def test_browsers_are_told_to_run_frame_and_guess_nothing(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers

    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
