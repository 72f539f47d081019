"""Pictures are fetched from packages and repositories: real archives, real Git."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from training.labels.fetch import fetch, fetch_fonts, main
from training.labels.packages import FetchError

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
        [sys.executable, "-m", "training.labels.fetch", "--data", str(data)],
        check=False,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 1
    assert "not fetched:" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_command_lists_fonts_that_could_not_be_had_and_fetches_the_pictures(
    repository: str, logos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = labels(tmp_path / "data", f"one,simple,0,0,0,train,git,{repository},red.png,MIT")
    without_fonts(logos, data / "packages")
    monkeypatch.setattr(sys, "argv", ["training.labels.fetch", "--data", str(data)])

    with pytest.raises(SystemExit, match="not fetched:\nno font file"):
        main()

    assert (data / "images" / "one.png").is_file()


def cut_off(_: object, path: Path, *__: str) -> None:
    Path(path).write_bytes(b"\x89PNG")
    raise KeyboardInterrupt


@pytest.mark.parametrize("copied", [False, True])
def test_a_picture_that_was_cut_off_is_not_taken_for_one_that_is_there(
    repository: str, tmp_path: Path, copied: bool
) -> None:
    data = labels(tmp_path / "data", f"one,simple,0,0,0,train,git,{repository},red.png,MIT")
    stand_in = tmp_path / "earlier"
    stand_in.mkdir()
    if copied:
        Image.new("RGB", (384, 192)).save(stand_in / "one.png")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Image.Image, "save", cut_off)
        patch.setattr(shutil, "copyfile", cut_off)
        with pytest.raises(KeyboardInterrupt):
            fetch(data, stand_in)

    assert not (data / "images" / "one.png").exists()
    assert fetch(data, stand_in) == []

    assert [path.name for path in (data / "images").iterdir()] == ["one.png"]
    with Image.open(data / "images" / "one.png") as picture:
        assert (picture.format, picture.size) == ("PNG", (384, 192))
        picture.load()


def test_fonts_are_the_latin_files_of_their_packages(fonts: list[Path]) -> None:
    assert len(fonts) == 3
    assert all(path.name.endswith("-latin-400-normal.woff") for path in fonts)


def without_fonts(logos: Path, folder: Path) -> Path:
    """Make a folder of the same packages, each of them empty."""
    folder.mkdir()
    for package in (logos / "packages").iterdir():
        (folder / package.name).mkdir()
    return folder


def test_packages_without_a_font_are_refused(tmp_path: Path, logos: Path) -> None:
    with pytest.raises(FetchError, match="no font"):
        fetch_fonts(without_fonts(logos, tmp_path / "packages"))
