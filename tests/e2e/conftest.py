"""Start real Gunicorn on a free port of this machine."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.servers import free_port
from tests.waiting import PATIENCE_SECONDS, wait_until

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Server:
    """Hold one running master."""

    process: subprocess.Popen[bytes]
    address: tuple[str, int]
    log: Path

    @property
    def url(self) -> str:
        return f"http://{self.address[0]}:{self.address[1]}"

    @property
    def temporary_folder(self) -> Path:
        """Return the folder that the server and its workers have for temporary files."""
        return self.log.with_name("temporary")

    @property
    def metrics_folder(self) -> Path:
        """Return the folder that the workers count in, on systems with memory in a folder."""
        return Path("/dev/shm") / f"logo-metrics-{self.address[1]}-{self.process.pid}"  # noqa: S108

    def get(self, path: str, **options: Any) -> httpx.Response:
        """Ask over a connection of its own; as patient as a loaded machine needs."""
        return httpx.get(self.url + path, timeout=PATIENCE_SECONDS, **options)

    def post(self, path: str, **options: Any) -> httpx.Response:
        """Send over a connection of its own; as patient as a loaded machine needs."""
        return httpx.post(self.url + path, timeout=PATIENCE_SECONDS, **options)

    def stop(self) -> int:
        """Ask the master to finish its work; return its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE_SECONDS)


def count(server: Server, name: str, **labels: str) -> float:
    """Return the sum of a metric over the samples that have these labels."""
    families = text_string_to_metric_families(server.get("/metrics").text)
    return sum(
        sample.value
        for family in families
        for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    )


def answers(server: Server) -> bool:
    try:
        return server.get("/health/live").status_code == 200
    except httpx.TransportError:
        return False


def ready_marks(server: Server) -> int:
    """Return how many workers say that they are ready."""
    return len(list(server.metrics_folder.glob("ready-*")))


def start(
    log: Path, code: Path = ROOT, **settings: object
) -> tuple[subprocess.Popen[bytes], tuple[str, int]]:
    chosen = {"port": free_port(), "workers": 2, **settings}
    inherited = {name: text for name, text in os.environ.items() if not name.startswith("LOGO_")}
    environ = inherited | {f"LOGO_{name.upper()}": str(text) for name, text in chosen.items()}
    environ["TMPDIR"] = str(log.with_name("temporary"))
    Path(environ["TMPDIR"]).mkdir(exist_ok=True)
    with log.open("wb") as output:
        process = subprocess.Popen(
            Path(sys.executable).with_name("gunicorn"),  # as `make run` does
            cwd=code,
            env=environ,
            stdout=output,
            stderr=output,
        )
    return process, ("127.0.0.1", int(chosen["port"]))


@contextmanager
def running(log: Path, **settings: object) -> Iterator[Server]:
    process, address = start(log, **settings)
    server = Server(process, address, log)
    try:
        wait_until(lambda: process.poll() is not None or answers(server), "Gunicorn never answered")
        assert process.poll() is None, log.read_text()
        yield server
    finally:
        if process.poll() is None:
            server.stop()


ServerMaker = Callable[..., AbstractContextManager[Server]]


@pytest.fixture
def serve(tmp_path: Path) -> ServerMaker:
    """Return a maker of servers with their own settings, each for a `with` block."""
    return lambda **settings: running(tmp_path / "gunicorn.log", **settings)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Return one server with default limits for all tests that leave it as it is."""
    with running(tmp_path_factory.mktemp("e2e") / "gunicorn.log") as shared:
        yield shared


@pytest.fixture
def http(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, timeout=PATIENCE_SECONDS) as client:
        yield client
