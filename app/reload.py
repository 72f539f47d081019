"""Replace the workers of the running service one generation by another, and wait for it.

    python -m app.reload

sends SIGHUP to the master that listens on `LOGO_PORT`: it starts new workers and lets the old ones
finish what they have. Code and models are read anew.
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import time
from pathlib import Path

import psutil

from app.config import Settings

_PATIENCE_SECONDS = 120
_PAUSE_SECONDS = 0.1


def memory_folder() -> Path:
    """Return a folder in memory where the system has one, else the one for temporary files."""
    in_memory = Path("/dev/shm")  # noqa: S108 - what stands there carries the port or a pid
    return in_memory if in_memory.is_dir() else Path(tempfile.gettempdir())


def pid_file(port: int) -> Path:
    """Return the file in which the master that listens on a port leaves its process id."""
    return memory_folder() / f"logo-classifier-{port}.pid"


def reload(master: psutil.Process) -> list[int]:
    """Ask a master for new workers; return their process ids once the old ones have ended.

    Raises TimeoutError where that takes too long.
    """
    old = {child.pid for child in master.children()}
    master.send_signal(signal.SIGHUP)
    deadline_seconds = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline_seconds:
        now = {child.pid for child in master.children()}
        if now and not now & old:
            return sorted(now)
        time.sleep(_PAUSE_SECONDS)
    raise TimeoutError(f"old workers still run after {_PATIENCE_SECONDS} s: {sorted(old)}")


def main() -> None:
    """Run the command line."""
    file = pid_file(Settings.from_env(os.environ).port)
    try:
        master = psutil.Process(int(file.read_text()))
        workers = " ".join(map(str, reload(master)))
    except (OSError, ValueError, psutil.Error, TimeoutError) as error:
        sys.exit(f"not reloaded ({file}): {error}")
    sys.stdout.write(f"new workers: {workers}\n")


if __name__ == "__main__":
    main()
