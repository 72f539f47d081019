"""`evaluate` runs as a process of its own on labelled pictures."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.logo_classifier.cli.test_program import ROOT, run
from tests.terminals import at_a_terminal


@pytest.fixture
def labels(golden: dict[Path, str], tmp_path: Path) -> Path:
    """Return a CSV of golden pictures, the first with a wrong label, and of two bad files."""
    rows = [f"{path},{kind}" for path, kind in golden.items()]
    first, kind = next(iter(golden.items()))
    rows[0] = f"{first},{'text' if kind != 'text' else 'simple'}"
    (tmp_path / "broken.png").write_text("no picture")
    rows += ["broken.png,text", "gone.png,complex"]
    file = tmp_path / "labels.csv"
    file.write_text("\n".join(["path,label", *rows]), "utf-8")
    return file


def test_refused_pictures_are_listed_and_the_others_are_scored(labels: Path) -> None:
    done = run("evaluate", str(labels), "--json")

    told = json.loads(done.stdout)
    assert done.returncode == 1
    assert done.stderr.count("refused: ") == 2
    assert [row["type"] for row in told["refused"]] == ["unsupported_format", "image_not_found"]
    assert told["scores"]["pictures"] == 16
    assert told["scores"]["accuracy"] == pytest.approx(15 / 16)
    assert [row["path"].split("/")[-1] for row in told["wrong"]] == ["bluetooth.png"]
    assert sum(map(sum, told["scores"]["confusion"])) == 16


def test_a_terminal_gets_a_bar_and_tables(labels: Path) -> None:
    status, shown = at_a_terminal("evaluate", str(labels))

    assert status == 1
    assert "18/18" in shown
    assert re.search(r"┃.*score", shown)
    assert shown.count("refused: ") == 2


def test_a_folder_a_type_is_scored_with_status_0(golden: dict[Path, str], tmp_path: Path) -> None:
    for path, kind in golden.items():
        (tmp_path / kind).mkdir(exist_ok=True)
        (tmp_path / kind / path.name).write_bytes(path.read_bytes())

    done = run("evaluate", str(tmp_path))

    assert (done.returncode, done.stderr) == (0, "")
    assert "accuracy\t1.0000 (95 %: 0.8064 to 1.0000)\n" in done.stdout
    assert "complex\t0\t0\t0\t4\n" in done.stdout


def test_another_method_is_scored(labels: Path) -> None:
    both = [run("evaluate", str(labels), "--json", "--method", m) for m in ("auto", "rule_based")]

    one, other = (json.loads(done.stdout)["scores"] for done in both)
    assert one["expected_calibration_error"] != other["expected_calibration_error"]


def test_labels_of_no_use_are_an_error_of_use(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text("path,logo_type\ngone.png,text\n")
    (tmp_path / "wrong.csv").write_text("file,logo_type\ngone.png,text\n")
    (tmp_path / "badge").mkdir()
    (tmp_path / "badge" / "a.png").touch()

    said = {
        "labels.csv": "none of the 1 pictures can be scored",
        "wrong.csv": "has no column path",
        "": "folder badge: 'badge' is none of simple, text, gradient, complex",
    }
    for name, text in said.items():
        done = run("evaluate", str(tmp_path / name))
        assert (done.returncode, done.stdout) == (2, "")
        assert text in done.stderr


def test_it_needs_neither_pytorch_nor_scikit_learn_nor_scipy() -> None:
    question = (
        "import sys, logo_classifier.cli.evaluate.command;"
        "print([name for name in ('torch', 'sklearn', 'scipy', 'training') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", question], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.stdout == "[]\n"
