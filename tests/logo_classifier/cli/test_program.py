"""The command line runs as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

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
    assert "models    List, show, verify and compare model versions." in done.stdout
    for name in ("classify", "batch", "report", "evaluate", "doctor"):
        assert f"  logo-classifier {name}" in done.stdout


def test_an_unknown_command_is_an_error_of_use() -> None:
    done = run("model")

    assert (done.returncode, done.stdout) == (2, "")
    assert "No such command 'model'" in done.stderr


@pytest.mark.parametrize("name", ["classify", "report", "evaluate", "doctor"])
def test_the_help_of_a_command_teaches_by_examples(name: str) -> None:
    done = run(name, "--help")

    assert done.returncode == 0
    assert f"  logo-classifier {name}" in done.stdout
    assert "exit status" in done.stdout


def test_help_loads_neither_rich_nor_the_commands() -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "logo_classifier", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert "logo_classifier.cli.program" in done.stderr
    for name in ("rich", "logo_classifier.cli.classify"):
        assert f" {name}\n" not in done.stderr


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("cl", "plain,classify"),
        ("classify --js", "plain,--json\nplain,--jsonl"),
        ("classify --method r", "plain,rule_based"),
        ("classify mo", "file,mo"),
    ],
)
def test_a_shell_completes(words: str, expected: str) -> None:
    asked = {
        "_LOGO_CLASSIFIER_COMPLETE": "bash_complete",
        "COMP_WORDS": f"logo-classifier {words}",
        "COMP_CWORD": str(len(words.split())),
    }
    done = subprocess.run(
        [sys.executable, "-m", "logo_classifier"],
        cwd=ROOT,
        env=os.environ | asked,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stdout.strip() == expected


def test_the_library_needs_nothing_of_the_command_line() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.stdout == "[]\n"
