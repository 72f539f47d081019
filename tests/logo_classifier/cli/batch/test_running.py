"""`batch` runs as a process of its own, is stopped, and goes on."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from logo_classifier.bulk.job import rows_of
from tests.logo_classifier.bulk.jobs import copy_golden, gone, wait_for, workers_of
from tests.logo_classifier.cli.test_program import ROOT, run

BATCH = [sys.executable, "-m", "logo_classifier", "batch"]


@pytest.fixture
def logos(tmp_path: Path, golden: dict[Path, str]) -> Path:
    folder = tmp_path / "logos"
    folder.mkdir()
    for path in golden:
        (folder / path.name).write_bytes(path.read_bytes())
    return folder


@pytest.mark.parametrize("form", ["parquet", "jsonl", "csv"])
def test_a_folder_is_answered_into_parts(
    logos: Path, golden: dict[Path, str], tmp_path: Path, form: str
) -> None:
    out = tmp_path / "out"

    done = run("batch", str(logos), "--out", str(out), "--format", form, "--workers", "1")

    assert (done.returncode, done.stdout) == (0, "")
    assert f"{out}: 16 of 16 pictures: 4 complex, 4 gradient, 4 simple, 4 text" in done.stderr
    assert [part.suffix for part in (out / "parts").iterdir()] == [f".{form}"]
    assert {row["path"]: row["logo_type"] for row in rows_of(out)} == {
        str(logos / path.name): kind for path, kind in golden.items()
    }


def test_a_complete_job_is_not_done_again(logos: Path, tmp_path: Path) -> None:
    command = ("batch", str(logos), "--out", str(tmp_path / "out"), "--format", "csv")
    run(*command)
    before = (tmp_path / "out" / "manifest.json").read_bytes()

    done = run(*command)

    assert done.returncode == 0
    assert "16 pictures in 1 shards, 0 to do" in done.stderr
    assert (tmp_path / "out" / "manifest.json").read_bytes() == before


def test_a_bad_file_is_a_row_and_makes_the_exit_status_1(logos: Path, tmp_path: Path) -> None:
    (logos / "bad.png").write_text("no picture")

    done = run("batch", str(logos), "--out", str(tmp_path / "out"), "--format", "jsonl")

    assert done.returncode == 1
    assert "1 failed" in done.stderr
    failed = [row for row in rows_of(tmp_path / "out") if row["error"]]
    assert [row["path"] for row in failed] == [str(logos / "bad.png")]


@pytest.mark.parametrize(("sent", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_stops_it_cleanly_and_the_same_command_goes_on(
    tmp_path: Path, sent: signal.Signals, status: int
) -> None:
    many = copy_golden(tmp_path / "many")
    command = [*BATCH, str(many), "--out", str(tmp_path / "out"), "--format", "csv"]
    process = subprocess.Popen(
        command, cwd=ROOT, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    wait_for((tmp_path / "out" / "manifest.json").exists)
    wait_for(lambda: bool(workers_of(process)))
    workers = [worker.pid for worker in workers_of(process)]

    os.killpg(process.pid, sent)  # a terminal sends it to all of them
    _, said = process.communicate()
    again = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert process.returncode == status
    assert "stopped; finished parts stay" in said
    assert "Traceback" not in said
    assert all(map(gone, workers))
    assert again.returncode == 0
    assert len({row["path"] for row in rows_of(tmp_path / "out")}) == 160


def test_a_terminal_shows_how_fast_it_goes_and_how_long_it_takes(
    logos: Path, tmp_path: Path
) -> None:
    ours, theirs = pty.openpty()
    command = [*BATCH, str(logos), "--out", str(tmp_path / "out"), "--format", "csv"]
    process = subprocess.Popen(
        command, cwd=ROOT, stderr=theirs, env=os.environ | {"COLUMNS": "120"}
    )
    os.close(theirs)
    shown = b""
    try:
        while data := os.read(ours, 65536):
            shown += data
    except OSError:  # the other side is closed
        pass
    os.close(ours)

    assert process.wait() == 0
    assert b"pictures/s, 0 failed" in shown


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("nowhere",), "no such folder or file"),
        (("models/golden", "--model", "logo-type/0.0.1"), "there is no model version"),
        (("models/golden", "--model", "no/such/file"), "no model at"),
        (("models/golden", "--workers", "0"), "is not in the range"),
        (("models/golden", "--format", "xml"), "is not one of"),
        (("models/golden", "--engine", "ray", "--ray-address", "127.0.0.1:9"), "cannot be reached"),
    ],
)
def test_wrong_use_is_told(arguments: tuple[str, ...], why: str, tmp_path: Path) -> None:
    if "--ray-address" in arguments:
        pytest.importorskip("ray")
    done = run("batch", *arguments, "--out", str(tmp_path / "out"))

    assert (done.returncode, done.stdout) == (2, "")
    assert why in done.stderr
    assert "Traceback" not in done.stderr


def test_another_model_does_not_go_on_with_a_job(logos: Path, tmp_path: Path) -> None:
    first, second = (f"logo-type/{name}" for name in ("1.6.0", "1.5.0"))
    run("batch", str(logos), "--out", str(tmp_path / "out"), "--model", first)

    done = run("batch", str(logos), "--out", str(tmp_path / "out"), "--model", second)

    assert done.returncode == 2
    assert "model was" in done.stderr
    assert "name a new folder with --out" in " ".join(done.stderr.split())


def test_status_tells_how_far_it_is(logos: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run("batch", str(logos), "--out", str(out))

    whole = run("batch", "status", str(out), "--json")
    next((out / "parts").iterdir()).unlink()
    part = run("batch", "status", str(out))

    assert whole.returncode == 0
    assert json.loads(whole.stdout)["counts"] == dict.fromkeys(
        ("complex", "gradient", "simple", "text"), 4
    )
    assert part.returncode == 1
    assert "complete\tFalse" in part.stdout
    assert "answered\t0" in part.stdout


def test_a_folder_without_a_job_has_neither_status_nor_report(tmp_path: Path) -> None:
    for name in ("status", "report"):
        done = run("batch", name, str(tmp_path))

        assert done.returncode == 2
        assert "holds no batch job" in done.stderr


def test_the_report_shows_the_least_sure_first(logos: Path, tmp_path: Path) -> None:
    (logos / "bad.png").write_text("no picture")
    out, page = tmp_path / "out", tmp_path / "page.html"
    run("batch", str(logos), "--out", str(out))

    done = run("batch", "report", str(out), "--out", str(page))

    text = page.read_text("utf-8")
    confidences = sorted(r["confidence"] for r in rows_of(out) if r["confidence"] is not None)
    assert done.returncode == 1
    assert f"{page}: 17 pictures, 1 failed" in done.stderr
    assert text.count("<figure>") == text.count("data:image/webp;base64,") == 16
    assert "bad.png" in text
    assert str(tmp_path) not in text.replace(str(logos / "bad.png"), "")
    shown = [float(each.split("<span")[0].split()[-1]) for each in text.split("<figcaption>")[1:]]
    assert shown == sorted(shown) == [round(each, 2) for each in confidences]
