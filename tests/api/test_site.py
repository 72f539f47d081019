"""The pages for people and the contract for machines."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from app.api.site import contract


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
