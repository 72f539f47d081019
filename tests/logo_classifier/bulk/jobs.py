"""What tests of batch jobs do with folders of pictures and with processes."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[3]
PER_SHARD, WORKERS = 10, 2

Start = Callable[..., subprocess.Popen[str]]


def copy_golden(folder: Path) -> Path:
    """Fill a folder with 160 names for the 16 golden pictures."""
    folder.mkdir()
    for picture in (ROOT / "models" / "golden").glob("*.png"):
        data = picture.read_bytes()
        for number in range(10):
            (folder / f"{picture.stem}-{number}.png").write_bytes(data)
    return folder


def parts(folder: Path) -> list[Path]:
    return sorted((folder / "parts").glob("part-*"))


def wait_for(condition: Callable[[], bool], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def workers_of(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """Return the processes of a job that classify; another one tracks resources for Python."""
    children = psutil.Process(process.pid).children()
    return [child for child in children if any("spawn_main" in word for word in _words(child))]


def gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def _words(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def names_in(folder: Path) -> list[str]:
    return sorted(os.fspath(path) for path in folder.iterdir())
