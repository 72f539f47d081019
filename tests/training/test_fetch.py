"""Pictures are fetched from packages and repositories: real archives, real Git."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from training.fetch import fetch, fetch_fonts
from training.packages import FetchError

HEADER = "id,logo_type,lettering,gradient,complex,split,origin,package,name,licence"


def labels(folder: Path, *rows: str) -> Path:
    folder.mkdir()
    (folder / "labels.csv").write_text("\n".join([HEADER, *rows]) + "\n")
    return folder


def test_only_missing_pictures_are_fetched(repository: str, tmp_path: Path) -> None:
    data = labels(
        tmp_path / "data",
        f"one,simple,0,0,0,train,git,{repository},red.png,MIT",
        f"two,simple,0,0,0,train,git,{repository},tall.svg,MIT",
    )
    (data / "images").mkdir()
    (data / "images" / "one.png").write_bytes(b"kept")

    assert fetch(data) == []

    assert (data / "images" / "one.png").read_bytes() == b"kept"
    with Image.open(data / "images" / "two.png") as picture:
        assert picture.size == (192, 384)


def test_pictures_fetched_earlier_are_copied(tmp_path: Path) -> None:
    data = labels(tmp_path / "data", "one,simple,0,0,0,train,git,owner/gone@abc:art,red.png,MIT")
    stand_in = tmp_path / "earlier"
    stand_in.mkdir()
    (stand_in / "one.png").write_bytes(b"earlier")

    assert fetch(data, stand_in) == []
    assert (data / "images" / "one.png").read_bytes() == b"earlier"


def test_what_could_not_be_had_is_listed_and_the_rest_is_there(
    repository: str, tmp_path: Path
) -> None:
    data = labels(
        tmp_path / "data",
        f"one,simple,0,0,0,train,git,{repository},red.png,MIT",
        f"two,simple,0,0,0,train,git,{repository},missing.png,MIT",
        "three,simple,0,0,0,train,git,owner/nothing@abc:art,red.png,MIT",
    )

    missing, gone = sorted(fetch(data), reverse=True)

    assert "two (missing.png)" in missing
    assert "owner/nothing" in gone
    assert [path.name for path in (data / "images").iterdir()] == ["one.png"]


def test_the_command_lists_what_could_not_be_had(tmp_path: Path, logos: Path) -> None:
    data = labels(tmp_path / "data", "one,simple,0,0,0,train,npm,./nothing,red.png,MIT")
    (data / "packages").symlink_to(logos / "packages")

    done = subprocess.run(
        [sys.executable, "-m", "training.fetch", "--data", str(data)],
        check=False,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 1
    assert "not fetched:" in done.stderr
    assert "Traceback" not in done.stderr


def test_fonts_are_the_latin_files_of_their_packages(logos: Path) -> None:
    files = fetch_fonts(logos / "packages")

    assert len(files) == 3
    assert all(path.name.endswith("-latin-400-normal.woff") for path in files)


def test_packages_without_a_font_are_refused(tmp_path: Path, logos: Path) -> None:
    for folder in (logos / "packages").iterdir():
        (tmp_path / folder.name).mkdir()

    with pytest.raises(FetchError, match="no font"):
        fetch_fonts(tmp_path)
