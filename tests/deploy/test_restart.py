"""A killed container starts again, with the memory folder and the process ids of before."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest

from tests.conftest import ImageMaker
from tests.servers import free_port
from tests.waiting import PATIENCE_SECONDS, wait_until

ROOT = Path(__file__).parents[2]

FIRST_PROCESS = """
mount --make-rprivate /
mount --bind "$1" /dev/shm
exec "$2" -m gunicorn
"""


@contextmanager
def container(memory: Path, port: int) -> Iterator[psutil.Process]:
    """Run the service as process 1 of a namespace; yield that process, and kill it at the end."""
    environ = os.environ | {"LOGO_PORT": str(port), "LOGO_WORKERS": "2"}
    script = ["sh", "-euc", FIRST_PROCESS, "sh", str(memory), sys.executable]
    command = ["unshare", "--mount", "--pid", "--fork", "--mount-proc", *script]
    with subprocess.Popen(command, cwd=ROOT, env=environ) as process:
        try:
            wait_until(lambda: process.poll() is not None or _ready(port), "it is ready")
            assert process.poll() is None
            (first,) = psutil.Process(process.pid).children()
            yield first
        finally:
            for child in psutil.Process(process.pid).children():
                child.kill()


def _ready(port: int) -> bool:
    try:
        url = f"http://127.0.0.1:{port}/health/ready"
        return httpx.get(url, timeout=PATIENCE_SECONDS).status_code == 200
    except httpx.TransportError:
        return False


def test_counts_of_the_killed_container_are_gone_and_the_next_one_serves(
    tmp_path: Path, make_image: ImageMaker
) -> None:
    if os.geteuid() != 0 or subprocess.run(["unshare", "-pmf", "true"], check=False).returncode:
        pytest.skip("a container needs the right to make namespaces")
    port, counted = free_port(), []
    for _ in range(2):
        with container(tmp_path, port):
            url = f"http://127.0.0.1:{port}"
            files = {"image": make_image()}
            reply = httpx.post(f"{url}/classify", files=files, timeout=PATIENCE_SECONDS)
            assert reply.status_code == 200
            lines = httpx.get(f"{url}/metrics", timeout=PATIENCE_SECONDS).text.splitlines()
            counts = [line for line in lines if line.startswith("logo_classifications_total{")]
            counted += [line for line in counts if not line.endswith(" 0.0")]
        assert (tmp_path / f"logo-metrics-{port}-1").is_dir()

    assert [line.rpartition(" ")[2] for line in counted] == ["1.0", "1.0"]
