"""Run the command line at a terminal."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO

ROOT = Path(__file__).parents[1]


def at_a_terminal(*arguments: str, **variables: str) -> tuple[int, str]:
    """Run the command at a terminal; return its status and what it showed there."""
    return _run(arguments, variables, None)


def with_data_in_a_file(*arguments: str) -> tuple[int, str, str]:
    """Run the command with its data in a file; return status, what was shown, and the data."""
    with tempfile.TemporaryFile() as data:
        status, shown = _run(arguments, {}, data)
        data.seek(0)
        return status, shown, data.read().decode()


def _run(
    arguments: tuple[str, ...], variables: dict[str, str], data: IO[bytes] | None
) -> tuple[int, str]:
    ours, theirs = pty.openpty()
    inherited = {name: text for name, text in os.environ.items() if name != "NO_COLOR"}
    environ = {**inherited, "TERM": "xterm-256color", "COLUMNS": "120", **variables}
    with subprocess.Popen(
        [sys.executable, "-m", "logo_classifier", *arguments],
        cwd=ROOT,
        env=environ,
        stdout=data or theirs,
        stderr=theirs,
        stdin=theirs,
    ) as process:
        os.close(theirs)
        shown = b""
        try:
            while chunk := os.read(ours, 65536):
                shown += chunk
        except OSError:  # Linux: the other end is closed
            pass
    os.close(ours)
    return process.returncode, shown.decode()
