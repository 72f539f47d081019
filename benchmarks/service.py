"""Run a server on a free local port for a benchmark."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPResponse
from pathlib import Path
from typing import IO, cast

import psutil

ROOT = Path(__file__).parents[1]
WORKERS = 2
READY_PATH = "/health/ready"
START_SECONDS = 60
STOP_SECONDS = 60
MOST_LOGGED_BYTES = 1_000_000
KEPT_OUT = ("LOGO_", "GUNICORN_", "BENTOML_", "PEER_")
"""Prefixes of variables that a server must not inherit."""


class ServerFailed(Exception):
    """A server that did not start; the message ends with the end of its log."""


@dataclass(frozen=True)
class Served:
    """A running server: its master process and its address."""

    master: psutil.Process
    address: str

    def workers(self) -> list[psutil.Process]:
        """Return the workers, oldest first."""
        return sorted(self.master.children(), key=lambda worker: worker.create_time())


@contextmanager
def serving(application: str | None = None, **environ: str) -> Iterator[Served]:
    """Run the service, or another application with its Gunicorn settings, inside the block.

    The default is two workers. All workers of the service have answered before the block begins.
    Raises ServerFailed.
    """
    port = free_port()
    chosen = {"LOGO_PORT": str(port), "LOGO_WORKERS": str(WORKERS), **environ}
    command = [sys.executable, "-m", "gunicorn", *([application] if application else [])]
    with running(command, chosen, port) as served:
        _await_workers(served, int(chosen["LOGO_WORKERS"]), answering=application is None)
        yield served


def _await_workers(served: Served, count: int, answering: bool) -> None:
    """Wait until `count` workers exist, and with `answering` until each has answered."""
    deadline, ready = time.monotonic() + START_SECONDS, set[int]()
    with ThreadPoolExecutor(2 * count) as pool:
        while len(ready) < count:
            if time.monotonic() > deadline:
                raise ServerFailed(f"{len(ready)} of {count} workers are ready")
            time.sleep(0.02)
            if not answering:
                ready = {worker.pid for worker in served.workers()}
                continue
            # Requests are concurrent, because one idle worker might answer all sequential ones.
            ready |= set(pool.map(_worker_that_answers, [served.address] * 2 * count))


def _worker_that_answers(address: str) -> int:
    with open_local(f"{address}/health", START_SECONDS) as reply:
        return int(json.load(reply)["worker_pid"])


@contextmanager
def running(
    command: Sequence[str], environ: Mapping[str, str], port: int, ready_path: str = READY_PATH
) -> Iterator[Served]:
    """Run a command that listens on a local port inside the block.

    The block begins when `ready_path` returns 200. At its end, the command and all its descendants
    are ended, and the log is printed. Raises ServerFailed.
    """
    inherited = {name: text for name, text in os.environ.items() if not name.startswith(KEPT_OUT)}
    with tempfile.TemporaryFile() as log:
        server = subprocess.Popen(
            command,
            env={**inherited, **environ},
            cwd=ROOT,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        served = Served(psutil.Process(server.pid), f"http://127.0.0.1:{port}")
        known: list[psutil.Process] = []
        try:
            _wait(server, served.address + ready_path, log)
            known = _descendants(server.pid)
            yield served
        finally:
            _end(server, known)
            sys.stderr.write(_logged(log))


def _logged(log: IO[bytes]) -> str:
    # pread does not move the file position, which the server shares.
    return os.pread(log.fileno(), MOST_LOGGED_BYTES, 0).decode(errors="replace")


def _wait(server: subprocess.Popen[bytes], address: str, log: IO[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not answers(address):
        if server.poll() is not None or time.monotonic() > deadline:
            raise ServerFailed(f"{server.args!r} does not serve: {_logged(log)[-2000:]}")
        time.sleep(0.02)


def _descendants(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def _end(server: subprocess.Popen[bytes], known: Sequence[psutil.Process]) -> None:
    """Terminate a server, then kill all processes that it leaves behind.

    `known` are earlier descendants. They may outlive the server in their own sessions, outside of
    its process group.
    """
    left = {*known, *_descendants(server.pid)}
    server.terminate()
    try:
        server.wait(timeout=STOP_SECONDS)
    except subprocess.TimeoutExpired:
        sys.stderr.write(f"{server.args!r} did not end within {STOP_SECONDS} s\n")
    finally:
        with suppress(ProcessLookupError):  # no process is left
            os.killpg(server.pid, signal.SIGKILL)
        for process in left:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        server.wait()
        psutil.wait_procs(left, timeout=STOP_SECONDS)


def end_on_sigterm() -> None:
    """Let SIGTERM end this program and its servers, as Ctrl-C does."""

    def end(_signal: int, _frame: object) -> None:
        raise SystemExit(143)

    signal.signal(signal.SIGTERM, end)


def free_port() -> int:
    """Return a local port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def open_local(request: str | urllib.request.Request, timeout_seconds: float) -> HTTPResponse:
    """Send a request to this machine; proxies in the environment are ignored."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    return cast(HTTPResponse, opener.open(request, timeout=timeout_seconds))


def answers(address: str) -> bool:
    """Return whether an address replies with 200."""
    try:
        with open_local(address, 5) as reply:
            return bool(reply.status == 200)
    except (urllib.error.URLError, OSError):
        return False
