"""Clients that send and read slowly, and reloads: what a soak may have around it.

A probe every 20 ms tells what that does to others.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from threading import Event
from urllib.parse import urlsplit

from benchmarks.service import ROOT, Served, answers

SLOW_CLIENTS = 100
"""Number of slow senders, and of slow readers."""

RELOAD_SECONDS = 30.0

PROBE_SECONDS = 0.02

_SENDER = (
    b"POST /classify HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\n"
    b"Content-Length: 1000000\r\n\r\n"
)
_READER = b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n"


@dataclass
class Disturbance:
    """What was done so far, and how the probes fared that went on meanwhile."""

    connections: int = 0
    reloads: int = 0
    failed_reloads: int = 0
    probes: int = 0
    failed_probes: int = 0
    slowest_probe_seconds: float = 0.0


@contextmanager
def disturbing(served: Served) -> Iterator[Disturbance]:
    """Keep slow clients connected and reload every half a minute, inside the block."""
    done, ended = Disturbance(), Event()
    with ThreadPoolExecutor(4) as pool:
        running = [
            pool.submit(_be_slow, served, _SENDER, done, ended),
            pool.submit(_be_slow, served, _READER, done, ended),
            pool.submit(_reload, served, done, ended),
            pool.submit(_probe, served, done, ended),
        ]
        try:
            yield done
        finally:
            ended.set()
            for each in running:
                each.result()


def _be_slow(served: Served, start: bytes, done: Disturbance, ended: Event) -> None:
    """Hold all connections, read nothing, and send a byte on each of them every second."""
    where = urlsplit(served.address)
    clients: list[socket.socket | None] = [None] * SLOW_CLIENTS
    with ExitStack() as held:
        while not ended.wait(1):
            for number, client in enumerate(clients):
                try:
                    if client is None:
                        client = held.enter_context(socket.socket())  # noqa: PLW2901
                        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
                        client.settimeout(10)
                        client.connect((where.hostname, where.port))
                        client.sendall(start)
                        clients[number] = client
                        done.connections += 1
                    client.sendall(b"x")
                except OSError:  # given up by the service, as it may; the next one follows
                    clients[number] = None
                    if client:
                        client.close()


def _reload(served: Served, done: Disturbance, ended: Event) -> None:
    port = str(urlsplit(served.address).port)
    began_seconds = time.monotonic()
    while not ended.wait(max(0.0, began_seconds + RELOAD_SECONDS - time.monotonic())):
        began_seconds = time.monotonic()
        told = subprocess.run(
            [sys.executable, "-m", "app", "reload"],
            cwd=ROOT,
            env=os.environ | {"LOGO_PORT": port},
            capture_output=True,
            text=True,
            check=False,
        )
        done.reloads += 1
        if told.returncode:
            done.failed_reloads += 1
            sys.stderr.write(told.stderr)


def _probe(served: Served, done: Disturbance, ended: Event) -> None:
    while not ended.wait(PROBE_SECONDS):
        began_seconds = time.monotonic()
        done.failed_probes += not answers(f"{served.address}/health/live")
        done.probes += 1
        took_seconds = time.monotonic() - began_seconds
        done.slowest_probe_seconds = max(done.slowest_probe_seconds, round(took_seconds, 3))
