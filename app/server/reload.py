"""Graceful reload: replace the workers of the running service, and wait until that is done.

    python -m app reload

asks the master that listens on `LOGO_PORT` for as many new workers as it is to have (SIGTTIN),
waits until they are ready, and then has all others finish (SIGTTOU): somebody listens all the time.
New workers read code and models again. A master ends if its new workers do not boot, so code that
does not start, and a model version that does not verify, are refused before the first signal.
`app/server` itself, packages, and settings but those of `LOGO_SETTINGS_FILE` need a restart.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import psutil

from app.config import Settings
from app.server.masters import find_master
from app.server.places import metrics_folder, pid_file, ready_mark

_STARTING_SECONDS = 60
"""How long new workers may take to start, in addition to the graceful timeout of the old ones."""

_PAUSE_SECONDS = 0.1

_START_ALL = ("-c", "import runpy, wsgi; runpy.run_path('gunicorn.conf.py')")
_VERIFY = ("-m", "app", "verify")


def check_code(master: psutil.Process) -> None:
    """Start the application in a separate process, in the same way as the master's workers.

    Raises RuntimeError with the last line of that process if the application does not start, and
    subprocess.TimeoutExpired if it takes too long.
    """
    if last := _failure(master, _START_ALL):
        raise RuntimeError(f"the code does not start: {last}")


def check_model(master: psutil.Process) -> None:
    """Verify in a separate process the model that new workers of the master would be asked for.

    Raises RuntimeError with what is wrong, and subprocess.TimeoutExpired if it takes too long.
    """
    if last := _failure(master, _VERIFY):
        raise RuntimeError(last)


def _failure(master: psutil.Process, arguments: tuple[str, ...]) -> str | None:
    """Return the last line of a Python with the master's environment if it fails, else None."""
    trial = subprocess.run(  # noqa: S603 - nothing in it comes from outside
        [sys.executable, *arguments],
        cwd=master.cwd(),
        env=master.environ(),
        capture_output=True,
        text=True,
        check=False,
        timeout=_STARTING_SECONDS,
    )
    if not trial.returncode:
        return None
    return trial.stderr.strip().rpartition("\n")[2] or f"status {trial.returncode}"


def reload(master: psutil.Process, marks: Path, wanted: int, timeout_seconds: float) -> list[int]:
    """Start new workers, wait until they are ready, then end all others.

    Somebody listens all the time. `wanted` is the number of new workers, `marks` the folder of the
    marks of workers that are ready. The old ones finish side by side. Returns the process ids of
    the new workers. Raises TimeoutError if that takes too long; the old workers serve on then, and
    the next reload ends what is left of the new ones.
    """
    old = _workers(master)
    deadline_seconds = time.monotonic() + timeout_seconds

    def wait(holds: Callable[[], bool], what: str) -> None:
        time.sleep(_PAUSE_SECONDS)  # two signals at once would count as one
        while not holds():
            if time.monotonic() > deadline_seconds:
                raise TimeoutError(f"{what} after {timeout_seconds} s")
            time.sleep(_PAUSE_SECONDS)

    for started in range(1, wanted + 1):
        master.send_signal(signal.SIGTTIN)
        wait(partial(_are_at_least, master, len(old) + started), "no new worker")
    wait(lambda: _are_ready(_workers(master) - old, marks), "new workers are not ready")
    for left in reversed(range(len(old))):
        master.send_signal(signal.SIGTTOU)  # ends the oldest one that was not told yet
        wait(partial(_are_ready_at_most, old, marks, left), f"not told to end: {sorted(old)}")
    wait(lambda: not _workers(master) & old, f"old workers still run: {sorted(old)}")
    return sorted(_workers(master))


def refusals(marks: Path, workers: list[int]) -> list[str]:
    """Return why workers that are ready do not serve the model that they were asked for."""
    texts = (ready_mark(marks, pid).read_text("utf-8") for pid in workers)
    return sorted(set(filter(None, texts)))


def _are_at_least(master: psutil.Process, count: int) -> bool:
    return len(_workers(master)) >= count


def _are_ready(workers: set[int], marks: Path) -> bool:
    return bool(workers) and all(ready_mark(marks, pid).exists() for pid in workers)


def _are_ready_at_most(workers: set[int], marks: Path, count: int) -> bool:
    # A worker that is told to end takes its mark away.
    return sum(ready_mark(marks, pid).exists() for pid in workers) <= count


def _workers(master: psutil.Process) -> set[int]:
    return {child.pid for child in master.children()}


def main(settings: Settings) -> None:
    """Reload the service of these settings; exit with the reason if that fails."""
    file = pid_file(settings.port)
    if not file.exists():
        sys.exit(f"not reloaded: no service listens on LOGO_PORT {settings.port} ({file})")
    try:
        timeout_seconds = settings.graceful_timeout_seconds + _STARTING_SECONDS
        master = find_master(file, settings.port)
        check_code(master)
        check_model(master)
        marks = metrics_folder(settings.port, master.pid)
        wanted = Settings.from_env(master.environ()).workers
        workers = reload(master, marks, wanted, timeout_seconds)
        refused = refusals(marks, workers)
    except (
        OSError,
        ValueError,
        RuntimeError,
        psutil.Error,
        subprocess.TimeoutExpired,
    ) as error:
        sys.exit(f"not reloaded ({file}): {error}")
    if refused:  # the model was changed since it was verified
        sys.exit(f"reloaded, but {'; '.join(refused)}")
    sys.stdout.write(f"new workers: {' '.join(map(str, workers))}\n")
