"""Labelled pictures come from folders or a CSV, and mistakes are named."""

from __future__ import annotations

from pathlib import Path

import pytest

from logo_classifier.cli.labelled import read_labelled


def test_a_folder_a_type_is_read_without_hidden_files(tmp_path: Path) -> None:
    for name in ("text/a.png", "simple/b.png", "text/.hidden"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()

    found = [(path.name, kind.value) for path, kind in read_labelled(tmp_path)]

    assert found == [("b.png", "simple"), ("a.png", "text")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("path,logo_type\n", "no labelled picture"),
        ("path,type\n", "no column logo_type"),
        ("path,logo_type\na.png,plain\n", "line 2: 'plain' is none of simple, text"),
        ("path,logo_type\na.png,text\n", "1 of 1 pictures are missing"),
    ],
)
def test_what_is_wrong_in_a_csv_is_named(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "labels.csv").write_text(text, "utf-8")

    with pytest.raises(ValueError, match=said):
        read_labelled(tmp_path / "labels.csv")


def test_an_unknown_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain" / "a.png").touch()

    with pytest.raises(ValueError, match="folder plain: 'plain' is none of"):
        read_labelled(tmp_path)
