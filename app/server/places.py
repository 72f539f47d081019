"""Paths of the files that the processes of one service share."""

from __future__ import annotations

import tempfile
from importlib.util import find_spec
from pathlib import Path


def memory_folder() -> Path:
    """Return a folder in memory if the system has one, otherwise the folder of temporary files."""
    in_memory = Path("/dev/shm")  # noqa: S108 - names in it contain the port
    return in_memory if in_memory.is_dir() else Path(tempfile.gettempdir())


def pid_file(port: int) -> Path:
    """Return the PID file of the master that listens on a port."""
    return memory_folder() / f"logo-classifier-{port}.pid"


def metrics_folder(port: int, master_pid: int) -> Path:
    """Return the folder in which the workers of a master count, and say that they are ready."""
    return memory_folder() / f"{metrics_folders(port)}{master_pid}"


def ready_mark(folder: Path, worker_pid: int) -> Path:
    """Return the file of a worker that is ready; its text says why its model is refused."""
    return folder / f"ready-{worker_pid}"


def metrics_folders(port: int) -> str:
    """Return the name prefix of the workers' metrics folders; the master's process id follows."""
    return f"logo-metrics-{port}-"


def shipped_model(models: Path | None = None) -> str:
    """Return the name and version that `shipped` in a folder of models names.

    None means the folder that came with the library, which is not imported.
    """
    spec = find_spec("logo_classifier")
    package = Path(spec.origin).parent if spec and spec.origin else Path()
    installed, checkout = package / "models", package.parent / "models"
    for folder in (models,) if models else (installed, checkout):
        pointer = folder / "shipped"
        if pointer.is_file():
            return pointer.read_text("utf-8").strip()
    return "none"
