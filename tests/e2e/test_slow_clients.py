"""Clients that send slowly, send nothing, or do not read keep nobody else waiting."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest

from .conftest import Server, ServerMaker

ImageMaker = Callable[..., bytes]

MANY = 200
PNG = {"Content-Type": "image/png"}
HEAD = b"POST /classify HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\n"
STARTS = {
    "nothing": b"",
    "half a header": b"POST /classify HTTP/1.1\r\nHost: x\r\nContent-Le",
    "the start of a body": HEAD + b"Content-Length: 9999\r\n\r\nstart",
    "the start of the largest body": HEAD + b"Content-Length: 52428800\r\n\r\nx",
}


@contextmanager
def many_connections(server: Server, start: bytes, count: int = MANY) -> Iterator[None]:
    """Hold so many connections inside the block, each of which has sent a start."""
    with ExitStack() as held:
        for _ in range(count):
            client = held.enter_context(socket.create_connection(server.address, timeout=30))
            client.sendall(start)
        yield


@pytest.mark.parametrize("start", STARTS.values(), ids=STARTS)
def test_good_clients_and_probes_are_answered_beside_many_that_send_slowly(
    serve: ServerMaker, make_image: ImageMaker, start: bytes
) -> None:
    with serve(workers=2) as server, many_connections(server, start):
        probes = [server.get("/health/ready").status_code for _ in range(20)]
        answers = [
            server.post("/classify", content=make_image(), headers=PNG).status_code
            for _ in range(20)
        ]

    assert probes == [200] * 20
    assert answers == [200] * 20


def test_good_clients_and_probes_are_answered_beside_many_that_do_not_read(
    serve: ServerMaker, make_image: ImageMaker
) -> None:
    part = b'--b\r\nContent-Disposition: form-data; name="images"; filename="a.png"\r\n\r\n'
    body = (part + make_image() + b"\r\n") * 32 + b"--b--\r\n"
    form = b"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: %d\r\n\r\n" % len(
        body
    )
    request = b"POST /classify/batch?include_features=true HTTP/1.1\r\nHost: x\r\n" + form + body
    with serve(workers=2) as server, ExitStack() as held:
        for _ in range(60):
            client = held.enter_context(socket.socket())
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
            client.connect(server.address)
            client.sendall(request)

        probes = [server.get("/health/live").status_code for _ in range(10)]
        answers = [
            server.post("/classify", content=make_image(), headers=PNG).status_code
            for _ in range(10)
        ]

    assert probes == [200] * 10
    assert answers == [200] * 10


def test_a_client_that_does_not_read_is_given_up(
    serve: ServerMaker, make_image: ImageMaker
) -> None:
    with (
        serve(workers=1, reply_timeout_seconds=1) as server,
        socket.socket() as client,
    ):
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
        client.connect(server.address)
        for _ in range(40):
            client.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n")

        assert server.stop() == 0
