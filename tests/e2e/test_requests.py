"""What clients meet at the real server: answers, refusals, limits, many at once."""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from http.client import HTTPResponse
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import httpx
import pytest

from .conftest import Server

ImageMaker = Callable[..., bytes]

MIB = 1024 * 1024


def multipart(field: str, data: bytes) -> dict[str, Any]:
    return {"files": {field: ("logo.png", data, "image/png")}}


def test_a_form_is_answered(http: httpx.Client, golden: dict[Path, str]) -> None:
    picture, logo_type = next(iter(golden.items()))

    reply = http.post("/classify", **multipart("image", picture.read_bytes()))

    assert reply.status_code == 200
    assert reply.json()["logo_type"] == logo_type


def test_a_raw_body_is_answered(http: httpx.Client, make_image: ImageMaker) -> None:
    reply = http.post(
        "/classify?method=rule_based", content=make_image(), headers={"Content-Type": "image/png"}
    )

    assert reply.status_code == 200


def test_a_chunked_body_is_answered(http: httpx.Client, make_image: ImageMaker) -> None:
    halves = iter([make_image()[:50], make_image()[50:]])

    reply = http.post("/classify", content=halves, headers={"Content-Type": "image/png"})

    assert reply.status_code == 200


def test_sixty_requests_at_once_are_all_answered_rightly(
    http: httpx.Client, golden: dict[Path, str]
) -> None:
    wanted = list(islice(cycle(golden.items()), 60))

    def ask(picture: Path) -> httpx.Response:
        return http.post("/classify", **multipart("image", picture.read_bytes()))

    with ThreadPoolExecutor(60) as pool:
        replies = list(pool.map(ask, [picture for picture, _ in wanted]))

    assert [reply.status_code for reply in replies] == [200] * 60
    assert [reply.json()["logo_type"] for reply in replies] == [kind for _, kind in wanted]
    assert len({reply.json()["request_id"] for reply in replies}) == 60


def test_a_batch_is_answered_in_order(http: httpx.Client, golden: dict[Path, str]) -> None:
    files = [("images", (path.name, path.read_bytes())) for path in golden]
    files.insert(1, ("images", ("bad.png", b"not a picture")))

    reply = http.post("/classify/batch", files=files).json()

    bad = reply["results"].pop(1)
    assert bad["error"]["error"] == "unsupported_format"
    assert [item["filename"] for item in reply["results"]] == [path.name for path in golden]
    assert [item["logo_type"] for item in reply["results"]] == list(golden.values())


REFUSALS: list[tuple[str, str, dict[str, Any], int, str]] = [
    ("GET", "/nowhere", {}, 404, "not_found"),
    ("GET", "/classify", {}, 405, "method_not_allowed"),
    ("POST", "/classify", {}, 400, "missing_image"),
    ("POST", "/classify", multipart("image", b""), 400, "missing_image"),
    ("POST", "/classify?colour=red", multipart("image", b"x"), 400, "bad_parameter"),
    ("POST", "/classify", {"data": {"image": "logo.png"}}, 415, "unsupported_media_type"),
    ("POST", "/classify/batch", {"content": b"x"}, 415, "unsupported_media_type"),
    ("POST", "/classify", multipart("image", b"%PDF-1.7"), 415, "unsupported_format"),
    ("POST", "/classify", multipart("image", b"GIF89a cut"), 422, "invalid_image"),
    (
        "POST",
        "/classify",
        {"content": b"--x", "headers": {"Content-Type": "multipart/form-data"}},
        400,
        "bad_request",
    ),
]


@pytest.mark.parametrize(("verb", "path", "body", "status", "kind"), REFUSALS)
def test_a_refusal_is_a_problem(
    http: httpx.Client, verb: str, path: str, body: dict[str, Any], status: int, kind: str
) -> None:
    reply = http.request(verb, path, **body)

    assert (reply.status_code, reply.json()["error"]) == (status, kind)
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert reply.json()["request_id"] == reply.headers["X-Request-ID"]


@pytest.mark.parametrize("size", [(9, 100), (100, 9), (5001, 10), (10, 5001)])
def test_a_side_outside_the_limits_is_refused(
    http: httpx.Client, make_image: ImageMaker, size: tuple[int, int]
) -> None:
    reply = http.post("/classify", **multipart("image", make_image(size=size)))

    assert (reply.status_code, reply.json()["error"]) == (422, "bad_dimensions")


@pytest.mark.parametrize("size", [(10, 10), (5000, 10), (10, 5000)])
def test_a_side_at_the_limits_is_accepted(
    http: httpx.Client, make_image: ImageMaker, size: tuple[int, int]
) -> None:
    assert http.post("/classify", **multipart("image", make_image(size=size))).status_code == 200


def test_a_chunked_body_above_the_limit_is_refused(http: httpx.Client) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(52):
            yield bytes(MIB)

    reply = http.post("/classify", content=endless(), headers={"Content-Type": "image/png"})

    assert (reply.status_code, reply.json()["error"]) == (413, "image_too_large")


def test_a_body_above_the_limit_is_refused_and_spoils_nothing_after_it(
    http: httpx.Client, make_image: ImageMaker
) -> None:
    too_large = bytes(51 * MIB)

    for body in ({"content": too_large}, multipart("image", too_large)):
        refusal = http.post("/classify", **body)
        assert (refusal.status_code, refusal.json()["error"]) == (413, "image_too_large")
        assert http.post("/classify", **multipart("image", make_image())).status_code == 200


def test_malformed_chunks_are_the_client_s_mistake(server: Server) -> None:
    with socket.create_connection(server.address, timeout=30) as client:
        client.sendall(
            b"POST /classify HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
            b"Content-Type: image/png\r\n\r\nnonsense\r\nabc\r\n0\r\n\r\n"
        )

        assert client.recv(64).startswith(b"HTTP/1.1 400 ")


def test_a_refusal_of_an_unread_body_that_is_malformed_is_the_only_reply(
    serve: Callable[..., AbstractContextManager[Server]],
) -> None:
    with (
        serve(workers=1, keepalive_seconds=5) as server,
        socket.create_connection(server.address, timeout=30) as client,
    ):
        client.sendall(
            b"POST /nothing HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"
        )
        replies = b"".join(iter(lambda: client.recv(4096), b""))

    assert replies.startswith(b"HTTP/1.1 404 ")
    assert replies.count(b"HTTP/1.1 ") == 1


@pytest.mark.parametrize(
    ("request_head", "status"),
    [
        (b"GET /" + b"x" * 5000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + b"x" * 9000 + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X-Many: x\r\n" * 200 + b"\r\n", 431),
        (b"good day\r\n\r\n", 400),
    ],
    ids=["a long path", "a long header", "many headers", "no HTTP"],
)
def test_what_the_server_cannot_parse_gets_a_problem_too(
    server: Server, request_head: bytes, status: int
) -> None:
    with socket.create_connection(server.address, timeout=30) as client:
        client.sendall(request_head)
        reply = HTTPResponse(client)
        reply.begin()
        problem = json.loads(reply.read())

    assert (reply.status, problem["status"]) == (status, status)
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert reply.headers["X-Request-ID"] == problem["request_id"]
    assert problem["request_id"] in server.log.read_text()


def test_a_client_that_goes_away_is_no_failure_of_the_service(
    server: Server, make_image: ImageMaker
) -> None:
    logged = len(server.log.read_text())
    for head in (b"Content-Length: 99", b"Transfer-Encoding: chunked"):
        with socket.create_connection(server.address, timeout=30) as client:
            # An end by reset, not by a farewell.
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.sendall(b"POST /classify HTTP/1.1\r\nHost: x\r\n" + head)
            client.sendall(b"\r\nContent-Type: image/png\r\n\r\n5\r\nstart")

    reply = server.post("/classify", content=make_image(), headers={"Content-Type": "image/png"})

    assert reply.status_code == 200
    assert "failed" not in server.log.read_text()[logged:]
