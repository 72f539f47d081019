"""Where the processes of one service leave what they share."""

from __future__ import annotations

import tempfile
from pathlib import Path


def memory_folder() -> Path:
    """Return a folder in memory where the system has one, else the one for temporary files."""
    in_memory = Path("/dev/shm")  # noqa: S108 - what stands there carries the port
    return in_memory if in_memory.is_dir() else Path(tempfile.gettempdir())


def pid_file(port: int) -> Path:
    """Return the file in which the master that listens on a port leaves its process id."""
    return memory_folder() / f"logo-classifier-{port}.pid"


def metrics_folders(port: int) -> str:
    """Return how the names of the folders begin in which workers count; a master's id follows."""
    return f"logo-metrics-{port}-"
