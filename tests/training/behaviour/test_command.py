"""The command measures a model, writes what it found, and says what it lacks."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from logo_classifier.versions.shipped import shipped
from training.behaviour import __main__ as command
from training.behaviour.suite import KINDS, draw_suite

FEW = [replace(kind, logos=1) for kind in KINDS]


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str | Path) -> None:
    monkeypatch.setattr(command, "draw_suite", partial(draw_suite, kinds=FEW))
    monkeypatch.setattr(sys, "argv", ["training.behaviour", *map(str, arguments)])
    command.main()


def test_the_command_prints_a_table_and_writes_the_scores(
    logos: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run(monkeypatch, "--fonts", logos / "packages", "--out", tmp_path / "out")

    scored = json.loads((tmp_path / "out" / "behaviour.json").read_text())
    shown = capsys.readouterr().out
    assert scored["model"]["version"] == shipped().name
    assert list(scored["kinds"]) == [kind.name for kind in KINDS]
    assert scored["pictures"] == len(KINDS) + 3
    right = sum(row["right"] * row["pictures"] for row in scored["kinds"].values())
    assert len(scored["wrong"]) == scored["pictures"] - round(right)
    assert all(f"\n{kind.name} " in shown for kind in KINDS)


def test_the_pictures_are_written_where_they_are_asked_for(
    logos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = ("--out", tmp_path, "--pictures", tmp_path / "pictures")

    run(monkeypatch, "--fonts", logos / "packages", *places)

    folders = {path.name for path in (tmp_path / "pictures").iterdir()}
    assert folders == {kind.name.replace(" ", "-") for kind in KINDS}
    assert len(list((tmp_path / "pictures" / "initials").iterdir())) == 4


def test_the_command_says_that_there_is_no_network(
    logos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = ("--fonts", logos / "packages", "--out", tmp_path)

    with pytest.raises(SystemExit, match="no network to measure: cannot read the model"):
        run(monkeypatch, *places, "--model", tmp_path / "nothing.onnx")


def test_the_command_says_which_font_cannot_be_had(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")

    with pytest.raises(SystemExit, match="npm pack"):
        run(monkeypatch, "--fonts", tmp_path / "none", "--out", tmp_path)
