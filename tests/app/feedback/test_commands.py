"""Operators see, export and clean up what is kept."""

from __future__ import annotations

import csv
import hashlib
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from logo_classifier import Answer, FeedbackStore, LogoType, open_feedback
from tests.logo_classifier.feedback.labels import judged

ROOT = Path(__file__).parents[3]
DAY_SECONDS = 86_400


def run(url: str, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: text for name, text in os.environ.items() if not name.startswith("LOGO_")}
    environ = inherited | ({"LOGO_FEEDBACK_URL": url} if url else {}) | more
    line = [sys.executable, "-m", "app", *command]
    return subprocess.run(line, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'feedback.db'}"


@pytest.fixture
def store(url: str) -> FeedbackStore:
    """Return a store with a requested and another label, and an old answer without one."""
    made = open_feedback(url)
    first = Answer("first", "aa", judged(0.8), asked=True, answered_at=0.0)
    second = replace(first, request_id="second", picture="bb", asked=False)
    made.add_answers([first, second, replace(first, request_id="third")])
    made.add_label("first", LogoType.TEXT, "someone", 1_000_000.0)
    made.add_label("second", LogoType.SIMPLE, "someone", 2 * DAY_SECONDS + 1_000_000.0)
    return made


def test_status_counts_labels_by_version(store: FeedbackStore, url: str) -> None:
    done = run(url, "feedback", "status")

    assert done.stdout == ("logo-type/9.9.9: 2 labels, 1 of them requested; 1 of these agree\n")


@pytest.mark.parametrize(
    ("options", "ids"),
    [
        ((), ["first", "second"]),
        (("--requested-only",), ["first"]),
        (("--since", "1970-01-13"), ["second"]),
    ],
)
def test_labels_are_exported(
    store: FeedbackStore, url: str, tmp_path: Path, options: tuple[str, ...], ids: list[str]
) -> None:
    out = tmp_path / "labels.csv"
    done = run(url, "feedback", "export", "--out", str(out), *options)

    assert done.returncode == 0, done.stderr
    with out.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["request_id"] for row in rows] == ids
    assert {row["answered_type"] for row in rows} == {"text"}


def test_an_exported_label_says_what_the_client_said(
    store: FeedbackStore, url: str, tmp_path: Path
) -> None:
    out = tmp_path / "labels.csv"
    run(url, "feedback", "export", "--out", str(out))

    assert out.read_text("utf-8").splitlines()[-1] == (
        "second,bb,simple,text,0.8,logo-type/9.9.9,false,1970-01-14T13:46:40+00:00"
    )


def test_cleanup_forgets_old_answers_and_keeps_labels(store: FeedbackStore, url: str) -> None:
    recent = Answer("recent", "cc", judged(0.8), asked=True, answered_at=time.time())
    store.add_answers([recent])

    assert run(url, "cleanup").stdout == "1 answers are forgotten\n"
    assert len(list(store.labelled())) == 2


def test_without_a_store_the_commands_name_the_setting() -> None:
    done = run("", "feedback", "status")

    assert done.returncode == 1
    assert "LOGO_FEEDBACK_URL" in done.stderr


def test_labels_with_pictures_have_one_row_each_by_the_vote_of_the_clients(
    store: FeedbackStore, url: str, tmp_path: Path
) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    digest = {name: hashlib.sha256(name.encode()).hexdigest() for name in ("one", "two", "gone")}
    votes = {"one": "text simple simple", "two": "text simple", "gone": "text"}
    for name, labels in votes.items():
        first = Answer(name, digest[name], judged(0.8), asked=True, answered_at=0.0)
        store.add_answers([first])
        for number, label in enumerate(labels.split()):
            store.add_label(name, LogoType(label), f"client {number}", 5_000_000.0 + number)
        if name != "gone":
            (folder / f"{digest[name]}.png").write_bytes(name.encode())

    out, images = tmp_path / "labels.csv", {"LOGO_KEEP_FEEDBACK_IMAGES": str(folder)}
    done = run(url, "feedback", "export", "--out", str(out), "--with-pictures", **images)

    assert done.stdout == f"1 labels are in {out}\n", done.stderr
    with out.open(newline="", encoding="utf-8") as file:
        (row,) = csv.DictReader(file)
    assert (row["logo_type"], row["path"]) == ("simple", str(folder / f"{digest['one']}.png"))


def test_labels_with_pictures_need_pictures(store: FeedbackStore, url: str, tmp_path: Path) -> None:
    done = run(url, "feedback", "export", "--out", str(tmp_path / "out.csv"), "--with-pictures")

    assert done.returncode == 1
    assert "LOGO_KEEP_FEEDBACK_IMAGES" in done.stderr
