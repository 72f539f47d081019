"""Arguments mean pictures."""

from __future__ import annotations

import os
from pathlib import Path

from logo_classifier.cli.sources import find_pictures


def found(*arguments: Path | str, recursive: bool = False) -> list[str]:
    return [named.name for named in find_pictures(map(str, arguments), recursive)]


def test_a_folder_means_visible_files_with_the_ending_of_a_picture(tmp_path: Path) -> None:
    for name in ("b.PNG", "a.jpeg", "c.webp", ".d.png", "readme.md", "png"):
        (tmp_path / name).touch()
    os.mkfifo(tmp_path / "pipe.png")

    assert found(tmp_path) == [str(tmp_path / name) for name in ("a.jpeg", "b.PNG", "c.webp")]


def test_folders_below_are_taken_only_if_asked_and_links_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / ".git").mkdir()
    (tmp_path / "below" / "a.png").touch()
    (tmp_path / ".git" / "b.png").touch()
    (tmp_path / "below" / "round").symlink_to(tmp_path)

    assert found(tmp_path) == []
    assert found(tmp_path, recursive=True) == [str(tmp_path / "below" / "a.png")]


def test_a_file_that_is_named_is_taken_whatever_its_ending(tmp_path: Path) -> None:
    assert found(tmp_path / "logo", tmp_path / "gone.png") == [
        str(tmp_path / "logo"),
        str(tmp_path / "gone.png"),
    ]


def test_a_pattern_is_resolved_unless_a_file_has_this_name(tmp_path: Path) -> None:
    for name in ("1.png", "[1].png"):
        (tmp_path / name).touch()

    assert found(tmp_path / "*.png") == [str(tmp_path / "1.png"), str(tmp_path / "[1].png")]
    assert found(tmp_path / "[1].png") == [str(tmp_path / "[1].png")]
    assert found(tmp_path / "*.gif") == [str(tmp_path / "*.gif")]


def test_nothing_is_looked_up_before_it_is_asked_for(tmp_path: Path) -> None:
    pictures = find_pictures([str(tmp_path)], False)
    (tmp_path / "late.png").touch()

    assert [named.name for named in pictures] == [str(tmp_path / "late.png")]
