"""What headers alone refuse is refused unread, so that `Expect: 100-continue` spares the upload."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.api.admission import Overloaded
from tests.app.api.conftest import held_body
from tests.app.api.forms import KEY, UnreadableStream

ClientMaker = Callable[..., FlaskClient]

PNG = {"Content-Type": "image/png", "Content-Length": "1000", "Expect": "100-continue"}


def send(client: FlaskClient, path: str = "/classify", verb: str = "POST", **changed: str) -> Any:
    named = PNG | {name.replace("_", "-"): value for name, value in changed.items()}
    overrides = {
        "CONTENT_TYPE": named.pop("Content-Type"),
        "CONTENT_LENGTH": named.pop("Content-Length"),
        "wsgi.input": UnreadableStream(),
    }
    return client.open(path, method=verb, headers=named, environ_overrides=overrides)


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"Content_Length": str(10**9)}, 413),
        ({"Content_Length": "0"}, 400),
        ({"Content_Type": "application/xml"}, 415),
        ({"Content_Type": "multipart/form-data"}, 400),
        ({"Content_Type": "application/json", "Content_Length": str(10**9)}, 413),
        ({"Content_Encoding": "gzip"}, 415),
        ({"Host": "a b"}, 400),
        ({"path": "/nowhere"}, 404),
        ({"path": "/classify/batch"}, 415),
        ({"verb": "PUT"}, 405),
    ],
)
def test_a_request_that_its_headers_refuse_is_not_read(
    client: FlaskClient, changed: dict[str, str], status: int
) -> None:
    assert send(client, **changed).status_code == status


def test_a_request_without_its_key_or_above_its_rate_is_not_read(make_client: ClientMaker) -> None:
    client = make_client(api_keys=(KEY,), rate_limit="1/hour")

    assert [send(client).status_code for _ in range(2)] == [401, 429]


def test_a_request_that_finds_no_room_is_not_read(make_client: ClientMaker) -> None:
    room = {"max_upload_bytes": 4096, "max_batch_bytes": 4096, "max_pending_bytes": 4096}
    client = make_client(**room)

    with held_body(client, 4096):
        reply = send(client)

    assert (reply.status_code, reply.json["error"]) == (503, Overloaded.kind)
