"""The running service keeps its published contract, whatever fits or breaks it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from app.api.views.site import contract

from .conftest import ROOT, Server

PROGRAM = Path(sys.executable).with_name("st")


def test_schemathesis_finds_nothing(server: Server, tmp_path: Path) -> None:
    command = [
        str(PROGRAM),
        "--config-file",
        str(Path(__file__).parent / "schemathesis.toml"),
        "run",
    ]
    options = ["--max-examples=20", "--generation-deterministic", "--no-color"]
    environ = os.environ | {
        "PYTHONPATH": str(ROOT),
        "SCHEMATHESIS_HOOKS": "tests.e2e.pictures_for_schemathesis",
    }

    done = subprocess.run(
        [*command, f"{server.url}/openapi.json", *options],
        check=False,
        cwd=tmp_path,
        env=environ,
        capture_output=True,
        text=True,
        timeout=300,
    )

    assert done.returncode == 0, done.stdout
    calls = sum(len(calls) for calls in contract()["paths"].values())
    assert f"{calls} selected / {calls} total" in done.stdout
