"""Paths of the files that the processes of one service share."""

from __future__ import annotations

import tempfile
from pathlib import Path


def memory_folder() -> Path:
    """Return a folder in memory if the system has one, otherwise the folder of temporary files."""
    in_memory = Path("/dev/shm")  # noqa: S108 - names in it contain the port
    return in_memory if in_memory.is_dir() else Path(tempfile.gettempdir())


def pid_file(port: int) -> Path:
    """Return the PID file of the master that listens on a port."""
    return memory_folder() / f"logo-classifier-{port}.pid"


def metrics_folders(port: int) -> str:
    """Return the name prefix of the workers' metrics folders; the master's process id follows."""
    return f"logo-metrics-{port}-"
