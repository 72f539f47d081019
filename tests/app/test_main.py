"""`python -m app serve` is Gunicorn with the repository's configuration."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx

from tests.servers import free_port
from tests.waiting import PATIENCE_SECONDS, wait_until

ROOT = Path(__file__).parents[2]


def answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health/ready", timeout=PATIENCE_SECONDS).status_code == 200
    except httpx.TransportError:
        return False


def test_serve_starts_the_service_and_the_master_gets_its_signals(tmp_path: Path) -> None:
    port = free_port()
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "app", "serve"],
            cwd=ROOT,
            env=os.environ | {"LOGO_PORT": str(port), "LOGO_WORKERS": "1"},
            stdout=log,
            stderr=log,
        )
    try:
        url = f"http://127.0.0.1:{port}"
        wait_until(lambda: process.poll() is not None or answers(url), "it never answered")
        assert process.poll() is None, (tmp_path / "log").read_text()
        home = httpx.get(f"{url}/", timeout=PATIENCE_SECONDS)
        process.send_signal(signal.SIGTERM)
        status = process.wait(PATIENCE_SECONDS)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()

    assert home.status_code == 200
    assert status == 0


def test_serve_with_a_wrong_setting_ends_with_one_line() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "app", "serve"],
        cwd=ROOT,
        env=os.environ | {"LOGO_WORKERS": "many"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode != 0
    assert "logo-classifier does not start: " in done.stderr
    assert "Traceback" not in done.stderr
