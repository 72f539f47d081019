"""The example does what it says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

ROOT = Path(__file__).parents[2]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "examples.trace", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_it_writes_a_drawing_of_the_size_of_the_picture(tmp_path: Path) -> None:
    drawing = tmp_path / "moon.svg"

    done = run("models/golden/moon.png", str(drawing))

    assert done.returncode == 0, done.stderr
    root = ET.parse(drawing).getroot()  # noqa: S314 - our own
    assert (root.get("width"), root.get("height")) == ("384", "384")
    assert len(root) > 0
    assert "VTracer's settings" in done.stdout


def test_it_says_what_it_needs(tmp_path: Path) -> None:
    code = "import sys; sys.modules['vtracer'] = None; from examples.trace import main; "
    code += f"main('models/golden/moon.png', {str(tmp_path / 'moon.svg')!r})"
    command = [sys.executable, "-c", code]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert done.stderr.startswith("tracing needs VTracer: pip install")


def test_it_says_what_it_takes() -> None:
    done = run()

    assert done.returncode == 1
    assert "usage" in done.stderr
