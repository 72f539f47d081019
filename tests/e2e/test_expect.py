"""A client that asks before it sends is told to go on only where its body is read."""

from __future__ import annotations

import socket
from collections.abc import Callable

import pytest

from .conftest import Server, ServerMaker

ImageMaker = Callable[..., bytes]

EXPECT = "POST /classify HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nConnection: close\r\n"


def ask(server: Server, headers: str, body: bytes = b"") -> bytes:
    """Send the head of a request, the body once it is asked for, and return all that comes."""
    with socket.create_connection(server.address, timeout=30) as client:
        client.sendall(f"{EXPECT}{headers}\r\n".encode())
        came = client.recv(4096)
        if came.startswith(b"HTTP/1.1 100 "):
            client.sendall(body)
        while more := client.recv(4096):
            came += more
        return came


def test_a_body_that_is_wanted_is_asked_for(serve: ServerMaker, make_image: ImageMaker) -> None:
    picture = make_image()
    with serve(workers=1) as server:
        head = f"Content-Type: image/png\r\nContent-Length: {len(picture)}\r\n"
        came = ask(server, head, picture)

    assert came.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 ")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ("Content-Type: image/png\r\nContent-Length: 99999999\r\n", b"413"),
        ("Content-Type: text/html\r\nContent-Length: 10\r\n", b"415"),
        ("Content-Type: image/png\r\nContent-Length: 0\r\n", b"400"),
    ],
)
def test_a_body_that_headers_refuse_is_not_asked_for(
    serve: ServerMaker, headers: str, status: bytes
) -> None:
    with serve(workers=1) as server:
        came = ask(server, headers)

    assert came.startswith(b"HTTP/1.1 " + status)
    assert b"100 Continue" not in came


def test_a_body_without_a_valid_key_is_not_asked_for(serve: ServerMaker) -> None:
    with serve(workers=1, api_keys="abcdefgh-ABCDEFGH_1") as server:
        came = ask(server, "Content-Type: image/png\r\nContent-Length: 10\r\n")

    assert came.startswith(b"HTTP/1.1 401")
