"""Graceful reload: replace the workers of the running service, and wait until that is done.

    python -m app reload

sends SIGHUP to the master that listens on `LOGO_PORT`. The master starts new workers, which read
code and models again, and lets the old workers finish their requests. A master ends if its new
workers fail, so code that does not start is refused before the signal.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil

from app.config import Settings
from app.server.places import pid_file

_STARTING_SECONDS = 60
"""How long new workers may take to start, in addition to the graceful timeout of the old ones."""

_PAUSE_SECONDS = 0.1

_START_ALL = "import runpy, wsgi; runpy.run_path('gunicorn.conf.py')"


def find_master(file: Path) -> psutil.Process:
    """Return the process whose id is in a PID file.

    Raises psutil.NoSuchProcess if it has ended, even if another process has its id now. Raises
    OSError or ValueError for a file without a process id, or of another user.
    """
    master = psutil.Process(int(file.read_text()))
    # Every user may write to the folder.
    if file.stat().st_uid != master.uids().effective:
        raise PermissionError("the file is not the service's own")
    if master.create_time() > file.stat().st_mtime:
        raise psutil.NoSuchProcess(master.pid, msg="the service has ended")
    return master


def check_code(master: psutil.Process) -> None:
    """Start the application in a separate process, in the same way as the master's workers.

    Raises RuntimeError with the last line of that process if the application does not start, and
    subprocess.TimeoutExpired if it takes too long.
    """
    trial = subprocess.run(  # noqa: S603 - nothing in it comes from outside
        [sys.executable, "-c", _START_ALL],
        cwd=master.cwd(),
        env=master.environ(),
        capture_output=True,
        text=True,
        check=False,
        timeout=_STARTING_SECONDS,
    )
    if trial.returncode:
        last = trial.stderr.strip().rpartition("\n")[2] or f"status {trial.returncode}"
        raise RuntimeError(f"the code does not start: {last}")


def reload(master: psutil.Process, timeout_seconds: float) -> list[int]:
    """Ask a master for new workers; return their process ids after the old ones have ended.

    Raises TimeoutError if that takes too long.
    """
    old = {child.pid for child in master.children()}
    master.send_signal(signal.SIGHUP)
    deadline_seconds = time.monotonic() + timeout_seconds
    while time.monotonic() < deadline_seconds:
        now = {child.pid for child in master.children()}
        if now and not now & old:
            return sorted(now)
        time.sleep(_PAUSE_SECONDS)
    raise TimeoutError(f"old workers still run after {timeout_seconds} s: {sorted(old)}")


def main(settings: Settings) -> None:
    """Reload the service of these settings; exit with the reason if that fails."""
    file = pid_file(settings.port)
    try:
        timeout_seconds = settings.graceful_timeout_seconds + _STARTING_SECONDS
        master = find_master(file)
        check_code(master)
        workers = " ".join(map(str, reload(master, timeout_seconds)))
    except (
        OSError,
        ValueError,
        RuntimeError,
        psutil.Error,
        subprocess.TimeoutExpired,
    ) as error:
        sys.exit(f"not reloaded ({file}): {error}")
    sys.stdout.write(f"new workers: {workers}\n")
