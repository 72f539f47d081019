"""`logo-classifier trace` runs as a process of its own."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.logo_classifier.cli.test_program import ROOT, run

MOON = str(ROOT / "models" / "golden" / "moon.png")


@pytest.mark.parametrize("more", [(), ("--as", "simple")])
def test_a_picture_becomes_a_drawing(tmp_path: Path, more: tuple[str, ...]) -> None:
    out = tmp_path / "moon.svg"

    done = run("trace", MOON, "-o", str(out), *more)

    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert ET.parse(out).getroot().get("width") == "384"  # noqa: S314 - our own
    assert ("The logo is" in done.stderr) is (not more)
    assert "paths" in done.stderr


def test_what_is_no_picture_is_refused(tmp_path: Path) -> None:
    text = tmp_path / "logo.png"
    text.write_text("no picture")

    done = run("trace", str(text), "--out", str(tmp_path / "logo.svg"))

    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == [text]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    out = tmp_path / "missing" / "moon.svg"

    done = run("trace", MOON, "--out", str(out), "--as", "simple")

    assert done.returncode == 2
    assert "cannot be written" in done.stderr
