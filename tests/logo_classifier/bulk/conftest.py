"""A folder of pictures for jobs, and jobs that run in processes of their own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.logo_classifier.bulk.jobs import PER_SHARD, ROOT, WORKERS, Start, copy_golden


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """Return a folder of 160 names for the 16 golden pictures."""
    return copy_golden(tmp_path / "many")


@pytest.fixture
def start() -> Iterator[Start]:
    """Return what starts a job in a process group of its own; what runs at the end is killed."""
    started: list[subprocess.Popen[str]] = []

    def begin(source: Path, folder: Path, *, workers: int = WORKERS) -> subprocess.Popen[str]:
        numbers = (str(PER_SHARD), str(workers))
        module = "tests.logo_classifier.bulk.drive"
        process = subprocess.Popen(
            [sys.executable, "-m", module, str(source), str(folder), *numbers],
            cwd=ROOT,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        started.append(process)
        return process

    yield begin
    for process in started:
        if process.poll() is None:
            process.kill()
        process.wait()
        if process.stderr:
            process.stderr.close()
