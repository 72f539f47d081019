"""The command line runs as a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
LOADED = """
import sys, logo_classifier
print([name for name in ("click", "rich", "scipy") if name in sys.modules])
"""


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "logo_classifier", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_help_names_the_commands() -> None:
    done = run("--help")

    assert (done.returncode, done.stderr) == (0, "")
    assert "models  List, show, verify and compare model versions." in done.stdout


def test_an_unknown_command_is_an_error_of_use() -> None:
    done = run("model")

    assert (done.returncode, done.stdout) == (2, "")
    assert "No such command 'model'" in done.stderr


def test_the_library_needs_nothing_of_the_command_line() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.stdout == "[]\n"
