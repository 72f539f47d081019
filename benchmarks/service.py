"""Run a server on a free port of this machine for as long as a benchmark needs it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psutil

ROOT = Path(__file__).parents[1]
WORKERS = 2
READY_PATH = "/health/ready"
START_SECONDS = 60
STOP_SECONDS = 60


class ServerFailed(Exception):
    """Say that a server did not start; the message ends with the last it wrote."""


@dataclass(frozen=True)
class Served:
    """Hold a running master and where it listens."""

    master: psutil.Process
    address: str

    def workers(self) -> list[psutil.Process]:
        """Return the workers, oldest first."""
        return sorted(self.master.children(), key=lambda worker: worker.create_time())


@contextmanager
def serving(application: str | None = None, **environ: str) -> Iterator[Served]:
    """Run the service, or another application under its Gunicorn settings, until the block ends.

    There are two workers unless `LOGO_WORKERS` says otherwise. Raises ServerFailed.
    """
    port = free_port()
    chosen = {"LOGO_PORT": str(port), "LOGO_WORKERS": str(WORKERS), **environ}
    command = [sys.executable, "-m", "gunicorn", *([application] if application else [])]
    with running(command, chosen, port) as served:
        deadline = time.monotonic() + START_SECONDS
        while len(served.workers()) < int(chosen["LOGO_WORKERS"]) and time.monotonic() < deadline:
            time.sleep(0.02)
        yield served


@contextmanager
def running(
    command: Sequence[str], environ: Mapping[str, str], port: int, ready_path: str = READY_PATH
) -> Iterator[Served]:
    """Run a command that listens on a port of this machine until the block ends.

    It is waited for until it answers `ready_path` with 200, and ended by its process id, as are
    the processes that it leaves behind; then what it logged is shown. Raises ServerFailed.
    """
    inherited = {name: text for name, text in os.environ.items() if not name.startswith("LOGO_")}
    with tempfile.TemporaryFile("w+") as log:
        server = subprocess.Popen(
            command, env={**inherited, **environ}, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT
        )
        served = Served(psutil.Process(server.pid), f"http://127.0.0.1:{port}")
        try:
            _wait(server, served.address + ready_path, log)
            yield served
        finally:
            _end(server)
            log.seek(0)
            sys.stderr.write(log.read())


def _wait(server: subprocess.Popen[bytes], address: str, log: IO[str]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not answers(address):
        if server.poll() is not None or time.monotonic() > deadline:
            log.seek(0)
            raise ServerFailed(f"{server.args!r} does not serve: {log.read()[-2000:]}")
        time.sleep(0.02)


def _end(server: subprocess.Popen[bytes]) -> None:
    """End a server and whatever it started."""
    try:
        started = psutil.Process(server.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        started = []
    server.terminate()
    try:
        server.wait(timeout=STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
    _, left = psutil.wait_procs(started, timeout=5)
    for process in left:
        process.kill()


def free_port() -> int:
    """Return a port of this machine on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(address: str) -> bool:
    """Tell whether an address answers with 200."""
    try:
        with urllib.request.urlopen(address, timeout=5) as reply:  # noqa: S310
            return bool(reply.status == 200)
    except (urllib.error.URLError, OSError):
        return False
