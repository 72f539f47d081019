"""Run real stores on free ports."""

from __future__ import annotations

import getpass
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

import pytest

_PATIENCE_SECONDS = 10


@dataclass(frozen=True)
class Server:
    """Hold the address of a running server, and the means to end it."""

    url: str
    process: subprocess.Popen[bytes]

    def kill(self) -> None:
        """End it as a crash would."""
        self.process.kill()
        self.process.wait()


@contextmanager
def run_redis(folder: Path) -> Iterator[Server]:
    """Run a Redis that keeps its files, and its socket `redis.sock`, in a folder of its own."""
    port = free_port()
    options = ["--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    options += ["--unixsocket", str(folder / "redis.sock")]
    with _run(port, "redis-server", "--port", str(port), *options) as process:
        yield Server(f"redis://127.0.0.1:{port}/0", process)


@contextmanager
def run_memcached() -> Iterator[Server]:
    """Run a Memcached, which refuses to be run by root without being told the user."""
    port = free_port()
    options = ["-l", "127.0.0.1", "-U", "0", "-u", getpass.getuser()]
    with _run(port, "memcached", "-p", str(port), *options) as process:
        yield Server(f"memcached://127.0.0.1:{port}", process)


@contextmanager
def run_silent_server() -> Iterator[int]:
    """Listen on a port, accept whoever connects and never answer; yields the port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield int(listener.getsockname()[1])


@contextmanager
def run_parrot(reply: bytes) -> Iterator[int]:
    """Listen on a port and give one client the same reply to its first request; yield the port."""

    def answer() -> None:
        client, _ = listener.accept()
        with client:
            client.recv(4096)
            client.sendall(reply)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=answer)
        thread.start()
        yield int(listener.getsockname()[1])
        thread.join()


def free_port() -> int:
    """Return a port on which nothing listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def _run(port: int, name: str, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    program = shutil.which(name)
    if program is None:
        pytest.skip(f"{name} is not installed")
    with subprocess.Popen([program, *options], stdout=subprocess.DEVNULL) as process:
        try:
            _wait_for(port)
            yield process
        finally:
            process.kill()


def _wait_for(port: int) -> None:
    deadline_seconds = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline_seconds:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError(f"nothing listens on port {port}")
