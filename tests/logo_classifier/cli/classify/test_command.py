"""`classify` runs as a process of its own: data, messages, pipes and exit status."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from logo_classifier import HybridClassifier
from tests.logo_classifier.cli.test_program import ROOT, run
from tests.terminals import at_a_terminal, with_data_in_a_file

COMMAND = [sys.executable, "-m", "logo_classifier", "classify"]
MOON = ROOT / "models" / "golden" / "moon.png"


@pytest.fixture
def logos(tmp_path: Path, golden: dict[Path, str]) -> Path:
    """Return a folder of four logos, one of them in a folder below, and a text."""
    folder = tmp_path / "logos"
    (folder / "below").mkdir(parents=True)
    for number, path in enumerate(list(golden)[:4]):
        (folder / ("below" if number == 3 else "") / path.name).write_bytes(path.read_bytes())
    (folder / "notes.txt").write_text("no picture")
    (folder / ".hidden.png").write_text("no picture")
    return folder


def json_lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_a_file_gets_the_answer_that_the_library_gives(classifier: HybridClassifier) -> None:
    done = run("classify", str(MOON), "--json")

    (row,) = json.loads(done.stdout)
    expected = classifier.classify(MOON)
    assert (done.returncode, done.stderr) == (0, "")
    assert row["path"] == str(MOON)
    assert row["unsure"] is False
    same = ("logo_type", "confidence", "probabilities", "prediction_set", "model", "image")
    assert {name: row[name] for name in same} == {name: expected[name] for name in same}


def test_a_folder_means_its_own_pictures_in_the_order_of_their_names(logos: Path) -> None:
    done = run("classify", str(logos), "--jsonl")

    names = [Path(row["path"]).name for row in json_lines(done.stdout)]
    assert (done.returncode, done.stderr) == (0, "")
    assert len(names) == 3
    assert names == sorted(names)


def test_recursive_takes_the_folders_below_too(logos: Path) -> None:
    done = run("classify", "-r", str(logos), "--jsonl")

    rows = json_lines(done.stdout)
    assert len(rows) == 4
    assert sum("/below/" in row["path"] for row in rows) == 1


def test_a_pattern_that_the_shell_left_is_resolved(logos: Path) -> None:
    done = run("classify", f"{logos}/*.png", "--format", "%p")

    assert len(done.stdout.splitlines()) == 3


def test_a_pipe_is_read_once_and_named_by_its_dash() -> None:
    with MOON.open("rb") as file:
        done = subprocess.run(
            [*COMMAND, "-", "--format", "%p %l"],
            cwd=ROOT,
            stdin=file,
            capture_output=True,
            text=True,
            check=False,
        )

    assert (done.returncode, done.stdout, done.stderr) == (0, "- gradient\n", "")


def test_two_dashes_are_an_error_of_use() -> None:
    done = run("classify", "-", "-")

    assert (done.returncode, done.stdout) == (2, "")
    assert "can be read once" in done.stderr


@pytest.mark.parametrize("form", ["--json", "--jsonl", "--csv"])
def test_a_picture_that_fails_has_a_row_and_the_others_are_answered(form: str, logos: Path) -> None:
    read: dict[str, Callable[[str], Any]] = {
        "--json": json.loads,
        "--jsonl": json_lines,
        "--csv": lambda text: list(csv.DictReader(io.StringIO(text))),
    }

    done = run("classify", str(logos / "notes.txt"), str(MOON), str(logos / "gone.png"), form)

    text, moon, gone = read[form](done.stdout)
    assert (done.returncode, done.stderr) == (1, "")
    assert moon["logo_type"] == "gradient"
    assert not moon.get("error")
    assert "unsupported_format" in str(text["error"])
    assert "image_not_found" in str(gone["error"])
    assert not text.get("logo_type")


def test_a_folder_without_a_picture_is_an_error_of_use(tmp_path: Path) -> None:
    done = run("classify", str(tmp_path), "--json")

    assert (done.returncode, done.stdout) == (2, "")
    assert "there is no picture in" in done.stderr
    assert "-r looks into the folders below" in done.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--json", "--format", "%p"], "choose one of"),
        (["--explain", "--format", "%p"], "--csv has a column for it"),
        (["--format", "%x"], "%x is none of %p path"),
        (["--format", "100%"], "% is none of"),
        (["--method", "magic"], "'magic' is not one of"),
        (["--time-budget", "0"], "0.0 is not in the range 0<x<=60.0"),
        (["--threshold", "1.5"], "1.5 is not in the range 0<=x<=1"),
        (["--model", "logo-type/9.9.9"], "there is no model version logo-type/9.9.9"),
        (["--model", "nowhere"], "no model at 'nowhere'"),
        (["--model", "README.md"], "README.md does not load"),
    ],
)
def test_wrong_use_is_told_before_any_data(options: list[str], said: str) -> None:
    done = run("classify", str(MOON), *options)

    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


def test_the_threshold_marks_answers_below_it_and_leaves_none_out(logos: Path) -> None:
    all_of_them = run("classify", str(logos), "--jsonl", "--threshold", "1")
    none = run("classify", str(logos), "--jsonl", "--threshold", "0")

    assert [row["unsure"] for row in json_lines(all_of_them.stdout)] == [True] * 3
    assert [row["unsure"] for row in json_lines(none.stdout)] == [False] * 3
    assert all_of_them.returncode == none.returncode == 0


def test_a_method_and_a_budget_reach_the_classifier() -> None:
    network = run("classify", str(MOON), "--method", "neural_network", "--format", "%m")
    hurried = run("classify", str(MOON), "--time-budget", "0.000001", "--format", "%m")

    assert (network.stdout, hurried.stdout) == ("neural_network\n", "rule_based\n")


def test_another_version_answers_by_its_name() -> None:
    done = run("classify", str(MOON), "--model", "logo-type/1.5.0", "--json")

    assert json.loads(done.stdout)[0]["model"] == {"name": "logo-type", "version": "1.5.0"}


def test_a_name_with_a_line_break_and_no_text_stays_one_row(tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/a\nb\x1b[31m\xff.png"
    Path(os.fsdecode(name)).write_bytes(MOON.read_bytes())

    plain = run("classify", str(tmp_path))
    row = run("classify", str(tmp_path), "--jsonl")

    head, line = plain.stdout.splitlines()
    assert head.split("\t")[:2] == ["path", "logo_type"]
    assert line.split("\t")[0].endswith(r"/a\nb\x1b[31m\udcff.png")
    assert os.fsencode(json.loads(row.stdout)["path"]) == name


def test_a_reader_that_leaves_ends_it_without_a_traceback(logos: Path) -> None:
    many = [str(logos)] * 40
    with subprocess.Popen(
        [*COMMAND, *many, "--jsonl"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stderr
        first = json.loads(process.stdout.readline())
        process.stdout.close()
        said = process.stderr.read()

    assert first["logo_type"]
    assert process.returncode == 1
    assert said == ""


def test_rows_come_before_the_last_picture_is_there(tmp_path: Path) -> None:
    late = tmp_path / "late.png"
    os.mkfifo(late)
    with subprocess.Popen(
        [*COMMAND, str(MOON), str(late), "--format", "%l"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        first = process.stdout.readline()
        late.write_bytes(MOON.read_bytes())
        rest = process.stdout.read()

    assert (first, rest, process.returncode) == ("gradient\n", "gradient\n", 0)


def test_an_interrupt_ends_it_with_a_word(logos: Path) -> None:
    with subprocess.Popen(
        [*COMMAND, *[str(logos)] * 200, "--jsonl"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, said = process.communicate()

    assert process.returncode == 1
    assert said.strip() == "Aborted!"


def test_a_terminal_gets_a_coloured_table_and_a_summary(logos: Path) -> None:
    status, shown = at_a_terminal("classify", str(logos), str(logos / "gone.png"))

    assert status == 1
    assert "\x1b[1mpath" in shown
    assert re.search(r"\x1b\[\d+m(simple|text)", shown)
    assert "failed" in shown
    assert "4/4" in shown
    assert "4 pictures, 0 unsure, 1 failed" in shown


@pytest.mark.parametrize("options", [["--json"], []], ids=["json", "tabs"])
def test_data_in_a_file_is_whole_while_a_bar_moves_at_the_terminal(
    logos: Path, options: list[str]
) -> None:
    status, shown, data = with_data_in_a_file("classify", "-r", str(logos), *options)

    assert status == 0
    assert "4/4" in shown
    assert "logo_type" not in shown
    assert "\x1b" not in data
    assert data.count(str(logos)) == 4


def test_a_dash_at_a_keyboard_is_an_error_of_use() -> None:
    status, shown = at_a_terminal("classify", "-")

    assert status == 2
    assert "- reads a picture from a pipe" in shown


def test_no_color_is_heeded(logos: Path) -> None:
    _, shown = at_a_terminal("classify", str(logos), NO_COLOR="1")

    assert "simple" in shown
    assert re.findall(r"\x1b\[(?:3|9)\d", shown) == []


def test_a_network_that_is_damaged_is_told_and_the_rules_answer(tmp_path: Path) -> None:
    for name in ("logo_classifier", "models"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("logo-vit"))
    shipped = (tmp_path / "models" / "shipped").read_text("utf-8").strip()
    (tmp_path / "models" / shipped / "model.onnx").write_bytes(b"damaged")

    done = subprocess.run(
        [*COMMAND, str(MOON), "--format", "%l %m"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (0, "gradient rule_based\n")
    assert "the rules answer alone: " in done.stderr
