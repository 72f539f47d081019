"""Give the tests of deployments the real service, and a real Prometheus that watches it."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tests.e2e.conftest import Server, ServerMaker, running
from tests.servers import free_port
from tests.waiting import PATIENCE_SECONDS

PROMETHEUS = Path(__file__).parents[2] / "deploy" / "prometheus" / "prometheus.yml"


@dataclass(frozen=True)
class Prometheus:
    """Hold the address of a Prometheus, and the file that names what it scrapes."""

    url: str
    targets: Path

    def scrape(self, server: Server) -> None:
        """Scrape a server from now on."""
        self.targets.write_text(json.dumps([{"targets": [f"127.0.0.1:{server.address[1]}"]}]))

    def ask(self, expression: str) -> list[dict[str, Any]]:
        """Return the samples of an expression; none while Prometheus starts."""
        query = {"query": expression}
        try:
            reply = httpx.get(f"{self.url}/api/v1/query", params=query, timeout=PATIENCE_SECONDS)
        except httpx.TransportError:
            return []
        if reply.status_code == 503:
            return []
        assert reply.status_code == 200, f"{expression}: {reply.text}"
        found: list[dict[str, Any]] = reply.json()["data"]["result"]
        return found


@pytest.fixture
def serve(tmp_path: Path) -> ServerMaker:
    """Return a maker of servers with their own settings, each for a `with` block."""
    return lambda **settings: running(tmp_path / "gunicorn.log", **settings)


@pytest.fixture
def prometheus(tmp_path: Path) -> Iterator[Prometheus]:
    """Run a real Prometheus with the deployment's rules; it asks and evaluates each second."""
    program = shutil.which("prometheus")
    if program is None:
        pytest.skip("Debian's prometheus is not installed")
    configuration = yaml.safe_load(PROMETHEUS.read_text("utf-8"))
    configuration["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    (job,) = configuration["scrape_configs"]
    # Names of services need the network of compose.
    assert job.pop("dns_sd_configs")[0]["names"] == ["logo"]
    job["file_sd_configs"] = [{"files": ["targets.json"], "refresh_interval": "1s"}]
    configuration.pop("alerting")
    (tmp_path / "prometheus.yml").write_text(yaml.safe_dump(configuration))
    (tmp_path / "rules").mkdir()
    for file in (PROMETHEUS.parent / "rules").glob("*.yml"):
        text = file.read_text("utf-8").replace("interval: 1m", "interval: 1s")
        (tmp_path / "rules" / file.name).write_text(text)
    address = f"127.0.0.1:{free_port()}"
    command = [program, f"--config.file={tmp_path}/prometheus.yml"]
    command += [f"--storage.tsdb.path={tmp_path}/data", f"--web.listen-address={address}"]
    with (tmp_path / "prometheus.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        yield Prometheus(f"http://{address}", tmp_path / "targets.json")
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)
