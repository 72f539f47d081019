"""A JSON body holds a picture in base64 and options, and nothing else."""

from __future__ import annotations

import json
from base64 import b64encode, encodebytes, urlsafe_b64encode
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.api.intake.json_bodies import decode_picture
from logo_classifier import BadParameter
from tests.app.api.forms import UnreadableStream

ClientMaker = Callable[..., FlaskClient]

EVERY_CHARACTER = bytes(range(256)) * 3
"""Its base64 text has every character of the alphabet."""


def send(client: FlaskClient, body: Any, query: str = "", kind: str = "application/json") -> Any:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return client.post(f"/classify{query}", data=data, content_type=kind)


def text(picture: bytes) -> str:
    return b64encode(picture).decode()


def refusal(reply: Any) -> tuple[int, str]:
    return reply.status_code, reply.json["error"]


@pytest.mark.parametrize("kind", ["application/json", "application/json; charset=utf-8"])
def test_a_picture_in_base64_gets_the_answer_that_its_bytes_get(
    client: FlaskClient, picture: bytes, kind: str
) -> None:
    raw = client.post("/classify", data=picture, content_type="image/png").json

    reply = send(client, {"image": text(picture)}, kind=kind)

    assert reply.status_code == 200
    assert reply.json["image"] == raw["image"]
    assert reply.json["logo_type"] == raw["logo_type"]


@pytest.mark.parametrize(
    "written",
    [
        b64encode(EVERY_CHARACTER).decode(),
        urlsafe_b64encode(EVERY_CHARACTER).decode(),
        encodebytes(EVERY_CHARACTER).decode(),
        " \t" + b64encode(EVERY_CHARACTER).decode() + "\r\n",
        "data:image/png;base64," + b64encode(EVERY_CHARACTER).decode(),
        "DATA:;BASE64," + b64encode(EVERY_CHARACTER).decode(),
        "data:image/svg+xml;charset=utf-8;base64, " + urlsafe_b64encode(EVERY_CHARACTER).decode(),
    ],
)
def test_both_alphabets_white_space_and_data_urls_are_read(written: str) -> None:
    assert decode_picture(written, 10_000) == EVERY_CHARACTER


@pytest.mark.parametrize("data", [b"\xff", b"\xff\xfe", b"\xff\xfe\xfd"])
def test_the_url_safe_alphabet_needs_no_padding(data: bytes) -> None:
    assert decode_picture(urlsafe_b64encode(data).decode().rstrip("="), 9) == data


@pytest.mark.parametrize(
    "written",
    [
        "AAAA!AAA",
        "A",
        "AAAAA",
        "AA=A",
        "AAA==",
        "AAAA====",
        "=AAA",
        "/+8",
        "+-AA",
        "ÄAAA",
        "\ud800AAA",
        "AAAA\x00",
        "data:image/png,AAAA",
        "data:image/png;base64",
        "<svg/>",
        "logo.png",
    ],
)
def test_anything_else_is_no_base64(written: str) -> None:
    with pytest.raises(BadParameter, match="base64"):
        decode_picture(written, 10_000)


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1/logo.png",
        "HTTPS://example.org/logo.png",
        " https://[::1]/",
        "ftp://host/logo.png",
        "file:///etc/passwd",
        "blob:https://example.org/1",
    ],
)
def test_an_address_is_refused_with_the_reason(client: FlaskClient, address: str) -> None:
    reply = send(client, {"image": address})

    assert refusal(reply) == (400, "bad_parameter")
    assert "SSRF" in reply.json["detail"]
    assert "fetches none" in reply.json["detail"]


def test_options_are_members(client: FlaskClient, picture: bytes) -> None:
    options = {"method": "neural_network", "time_budget": 60, "include_features": True}
    options["include_tracing"] = True

    reply = send(client, {"image": text(picture)} | options)

    assert reply.json["routing_decision"]["tier"] == "requested"
    assert reply.json["features"]
    assert reply.json["tracing"]


def test_options_may_also_stand_in_the_query_but_not_twice(
    client: FlaskClient, picture: bytes
) -> None:
    body = {"image": text(picture), "method": "auto"}

    assert "features" in send(client, body, "?include_features=true").json
    twice = send(client, body, "?method=auto")
    assert refusal(twice) == (400, "bad_parameter")
    assert "method is given more than once" in twice.json["detail"]


@pytest.mark.parametrize(
    ("members", "words"),
    [
        (
            {"colour": "red"},
            ["colour", "image, method, time_budget, include_features, include_explanation"],
        ),
        ({"x" * 5000: 1}, ["xxx", "known members"]),
        ({"time_budget": "1"}, ["time_budget", "float"]),
        ({"time_budget": True}, ["time_budget"]),
        ({"time_budget": None}, ["time_budget"]),
        ({"include_features": "true"}, ["include_features", "bool"]),
        ({"include_features": 1}, ["include_features"]),
        ({"include_tracing": "yes"}, ["include_tracing", "bool"]),
        ({"method": ["auto"]}, ["method"]),
        ({"method": "magic"}, ["magic"]),
        ({"time_budget": 0}, ["time"]),
        ({"image": None}, ["image"]),
        ({"image": [1, 2]}, ["image"]),
        ({"image": {"data": "AAAA"}}, ["image"]),
    ],
)
def test_a_member_that_is_unknown_or_of_another_type_is_named(
    client: FlaskClient, picture: bytes, members: dict[str, Any], words: list[str]
) -> None:
    reply = send(client, {"image": text(picture)} | members)

    assert refusal(reply) == (400, "bad_parameter")
    assert len(reply.json["detail"]) < 500
    for word in words:
        assert word in reply.json["detail"]


@pytest.mark.parametrize(
    "body", [{}, {"method": "auto"}, {"image": ""}, {"image": "data:;base64,"}]
)
def test_a_body_without_a_picture_misses_it(client: FlaskClient, body: dict[str, str]) -> None:
    assert refusal(send(client, body)) == (400, "missing_image")


@pytest.mark.parametrize("body", [b"[]", b'"AAAA"', b"1", b"null"])
def test_a_body_that_is_no_object_is_refused(client: FlaskClient, body: bytes) -> None:
    assert refusal(send(client, body)) == (400, "bad_parameter")


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"image=x",
        b'{"image": "\xff"}',
        b'{"image": NaN}',
        b'{"image": "AAAA"} x',
        '{"image": "AAAA"}'.encode("utf-16"),
    ],
)
def test_a_body_that_is_no_json_is_refused(client: FlaskClient, body: bytes) -> None:
    reply = send(client, body)

    assert refusal(reply) == (400, "bad_request")
    assert "no JSON" in reply.json["detail"]


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 500_000,
        b'{"image": ' + b"[" * 500_000,
        b'{"image":' * 100_000,
        b'{"deep": ' + b'{"a":' * 100_000,
        b'{"time_budget": ' + b"9" * 500_000 + b"}",
        b'{"many": [' + b"0," * 500_000,
    ],
)
def test_deep_and_long_json_is_refused_without_being_built(
    client: FlaskClient, body: bytes
) -> None:
    assert send(client, body).status_code == 400


@pytest.mark.parametrize(("spare", "status"), [(0, 200), (-1, 413)])
def test_the_limit_is_that_of_the_decoded_picture(
    make_client: ClientMaker, make_image: Callable[..., bytes], spare: int, status: int
) -> None:
    picture = make_image("BMP")
    client = make_client(max_upload_bytes=len(picture) + spare)

    assert send(client, {"image": encodebytes(picture).decode()}).status_code == status


def test_a_json_body_above_the_limit_is_refused_unread(client: FlaskClient) -> None:
    reply = client.post(
        "/classify",
        content_type="application/json",
        environ_overrides={"CONTENT_LENGTH": str(10**9), "wsgi.input": UnreadableStream()},
    )

    assert refusal(reply) == (413, "image_too_large")


def test_a_batch_takes_no_json(client: FlaskClient) -> None:
    reply = client.post("/classify/batch", json={"images": ["AAAA"]})

    assert refusal(reply) == (415, "unsupported_media_type")
