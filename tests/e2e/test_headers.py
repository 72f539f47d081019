"""Headers that decide how a request is read: framing, codings, hosts, proxies; and the log."""

from __future__ import annotations

import gzip
import json
import re
import socket
from collections.abc import Callable
from http.client import HTTPResponse
from typing import Any

import pytest

from app.api.hardening import HEADERS
from tests.waiting import wait_until

from .conftest import Server, ServerMaker

ImageMaker = Callable[..., bytes]

CHUNKED = b"Transfer-Encoding: %s\r\nContent-Type: image/png\r\n"


def ask(server: Server, request: bytes) -> tuple[int, Any, HTTPResponse]:
    """Send exactly these bytes; return the status, the JSON and the whole reply."""
    with socket.create_connection(server.address, timeout=30) as client:
        client.sendall(request)
        reply = HTTPResponse(client)
        reply.begin()
        return reply.status, json.loads(reply.read()), reply


def post(headers: bytes, body: bytes = b"") -> bytes:
    return b"POST /classify HTTP/1.1\r\nHost: x\r\n" + headers + b"\r\n" + body


def chunks(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n0\r\n\r\n" % (len(data), data)


@pytest.mark.parametrize(
    ("coding", "status"),
    [
        (b"gzip, chunked", 501),
        (b"deflate, chunked", 501),
        (b"compress, chunked", 501),
        (b"br, chunked", 501),
        (b"gzip", 400),
        (b"chunked, gzip", 400),
        (b"identity, chunked", 200),
        (b"Chunked", 200),
    ],
)
def test_a_transfer_coding_is_known_or_refused_with_the_cure(
    server: Server, make_image: ImageMaker, coding: bytes, status: int
) -> None:
    data = make_image() if status == 200 else gzip.compress(make_image())

    got, said, _ = ask(server, post(CHUNKED % coding, chunks(data)))

    assert got == status
    if status != 200:
        assert "chunked" in said["detail"]
        assert "Content-Length" in said["detail"]


def test_a_compressed_body_is_refused_by_name(server: Server, make_image: ImageMaker) -> None:
    data = gzip.compress(make_image())
    headers = {"Content-Type": "image/png", "Content-Encoding": "gzip"}

    reply = server.post("/classify", content=data, headers=headers)

    assert (reply.status_code, reply.json()["error"]) == (415, "unsupported_media_type")
    assert "'gzip'" in reply.json()["detail"]


@pytest.mark.parametrize(
    "request_head",
    [
        b"GET /health/live HTTP/1.1\r\n\r\n",
        b"GET /health/live HTTP/1.1\r\nHost: a b\r\n\r\n",
        b"GET /health/live HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"good day\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nA B: c\r\n\r\n",
        b"GET / HTTP/9.9\r\nHost: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n",
    ],
)
def test_a_malformed_request_is_told_so_with_the_security_headers(
    server: Server, request_head: bytes
) -> None:
    status, said, reply = ask(server, request_head)

    assert (status, said["error"]) == (400, "bad_request")
    assert HEADERS.items() <= dict(reply.headers).items()


def test_a_probe_of_http_1_0_needs_no_host(server: Server) -> None:
    assert ask(server, b"GET /health/live HTTP/1.0\r\n\r\n")[0] == 200


@pytest.mark.parametrize(
    "headers",
    [
        b"X-Forwarded-Proto: https\r\nX-Forwarded-Protocol: https\r\n",
        b"X-Forwarded-Proto: https\r\nX-Forwarded-Ssl: off\r\n",
        b"X-Forwarded-Proto: https\r\nX-Forwarded-Proto: http\r\n",
        b"X-Forwarded-Proto: https\r\nX-Forwarded-Protocol: ssl\r\nX-Forwarded-Ssl: on\r\n",
        b"SCRIPT_NAME: /abc\r\n",
        b"SCRIPT_NAME: /health\r\n",
        b"PATH_INFO: /nowhere\r\n",
        b"Script-Name: /abc\r\nX-Forwarded-Prefix: /abc\r\n",
    ],
)
def test_headers_of_proxies_refuse_and_rename_nothing(server: Server, headers: bytes) -> None:
    head = b"GET %s HTTP/1.1\r\nHost: x\r\n" + headers + b"\r\n"

    assert ask(server, head % b"/health/live")[0] == 200
    assert ask(server, head % b"/abc/health/live")[0] == 404


def test_a_log_line_has_a_time_and_the_kind_of_an_error(server: Server) -> None:
    request_id = server.get("/clasify").headers["X-Request-ID"]
    fine_id = server.get("/health/live").headers["X-Request-ID"]

    lines: dict[str, str] = {}

    def logged() -> bool:
        for line in server.log.read_text().splitlines():
            lines[line.rpartition(" ")[2]] = line
        return {request_id, fine_id} <= lines.keys()

    wait_until(logged, "the requests never came into the log")
    time = r"\[\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\]"
    assert re.match(
        rf'{time} 127\.0\.0\.1 "GET /clasify HTTP/1\.1" 404 not_found ', lines[request_id]
    )
    assert re.match(rf'{time} 127\.0\.0\.1 "GET /health/live HTTP/1\.1" 200 - ', lines[fine_id])


def test_a_start_tells_each_fact_on_a_line(server: Server) -> None:
    log = server.log.read_text()

    for fact in (
        f"address: 127.0.0.1:{server.address[1]}",
        f"page: {server.url}/",
        f"docs: {server.url}/docs",
        "model: logo-type/",
        "workers: 2",
    ):
        assert len([line for line in log.splitlines() if fact in line]) == 1


def test_a_proxy_that_adds_ports_makes_no_new_clients(
    serve: ServerMaker, make_image: ImageMaker
) -> None:
    body = {"content": make_image()}

    with serve(workers=1, rate_limit="2/hour", trusted_proxies=1) as server:
        codes = [
            server.post(
                "/classify",
                headers={"Content-Type": "image/png", "X-Forwarded-For": f"{client}:{port}"},
                **body,
            ).status_code
            for client in ("203.0.113.1", "[2001:db8::1]")
            for port in range(4000, 4003)
        ]

    assert codes == [200, 200, 429] * 2
