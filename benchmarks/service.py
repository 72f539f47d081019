"""Run the service on a port of this machine for as long as a benchmark needs it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psutil

PORT = 8123
WORKERS = 2


@dataclass(frozen=True)
class Served:
    """Hold a running master and where it listens."""

    master: psutil.Process
    address: str

    def workers(self) -> list[psutil.Process]:
        """Return the workers, oldest first."""
        return sorted(self.master.children(), key=lambda worker: worker.create_time())


@contextmanager
def serving(**environ: str) -> Iterator[Served]:
    """Run the service with two workers and these variables until the block ends."""
    everything = {**os.environ, "LOGO_PORT": str(PORT), "LOGO_WORKERS": str(WORKERS), **environ}
    server = subprocess.Popen([sys.executable, "-m", "gunicorn"], env=everything)
    served = Served(psutil.Process(server.pid), f"http://127.0.0.1:{PORT}")
    try:
        deadline = time.monotonic() + 30
        while not (is_ready(served.address) and len(served.workers()) == WORKERS):
            if time.monotonic() > deadline:
                raise SystemExit("the service did not become ready within 30 s")
            time.sleep(0.1)
        yield served
    finally:
        server.terminate()
        server.wait(timeout=60)


def is_ready(address: str) -> bool:
    """Tell whether the service answers its readiness probe with 200."""
    try:
        with urllib.request.urlopen(f"{address}/health/ready", timeout=2) as reply:  # noqa: S310
            return bool(reply.status == 200)
    except (urllib.error.URLError, OSError):
        return False
