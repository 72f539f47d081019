"""A connection is bounded in time, whatever its client does."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import gevent
import pytest
from gevent import socket as cooperative

from app.server.worker import BoundedConnection

Pair = tuple[BoundedConnection, cooperative.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    """Return the server's side of a connection, of little patience, and the client's."""
    listener = cooperative.create_server(("127.0.0.1", 0))
    client = cooperative.create_connection(listener.getsockname())
    accepted, _ = listener.accept()
    served = BoundedConnection(accepted, reading_seconds=0.2, writing_seconds=0.2)
    yield served, client
    client.close()
    served.close()
    listener.close()


def test_who_sends_nothing_is_no_longer_listened_to(pair: Pair) -> None:
    served, client = pair
    client.sendall(b"a start")

    assert served.recv(100) == b"a start"
    assert served.recv(100) == b""


def test_a_request_that_is_complete_is_answered_all_the_same(pair: Pair) -> None:
    served, client = pair
    client.sendall(b"a request")
    assert served.recv(100) == b"a request"

    gevent.sleep(0.3)
    served.sendall(b"a reply")

    assert client.recv(100) == b"a reply"


def test_the_next_request_of_a_kept_connection_has_its_own_time(pair: Pair) -> None:
    served, client = pair
    for _ in range(4):
        gevent.sleep(0.1)
        served.expect_request()
    client.sendall(b"still here")

    assert served.recv(100) == b"still here"
    assert served.recv(100) == b""


def test_a_reply_that_nobody_reads_is_given_up(pair: Pair) -> None:
    served, _ = pair

    with pytest.raises(BrokenPipeError, match="does not read"):
        served.sendall(bytes(64 * 1024 * 1024))


def test_closing_takes_what_the_client_still_sends(pair: Pair) -> None:
    served, client = pair
    sending = gevent.spawn(client.sendall, bytes(8 * 1024 * 1024))
    gevent.sleep(0)

    served.sendall(b"refused")
    closing = gevent.spawn(served.close)
    sending.get(timeout=10)
    reply = client.recv(100)
    client.shutdown(socket.SHUT_WR)
    closing.get(timeout=10)

    assert reply == b"refused"


def test_a_connection_that_is_closed_leaves_no_timer_behind(pair: Pair) -> None:
    served, client = pair
    client.close()
    served.close()

    began = time.monotonic()
    gevent.sleep(0.3)

    assert time.monotonic() - began < 5
    assert served.closed
