"""Pictures are fetched from packages and repositories: real archives, real Git."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from training import fetch as fetching
from training.fetch import FetchError, Package, fetch, fetch_fonts, open_package, render

SQUARE = '<rect x="4" y="4" width="8" height="8" fill="currentColor"/>'
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} {}">{}</svg>'
HEADER = "id,logo_type,lettering,gradient,complex,split,origin,package,name,licence"


@pytest.fixture
def icons(tmp_path: Path) -> Package:
    """Return an Iconify package of one square icon and one wide one."""
    contents = {
        "prefix": "drawn",
        "width": 16,
        "height": 16,
        "icons": {"square": {"body": SQUARE}, "wide": {"body": SQUARE, "width": 32}},
    }
    folder = tmp_path / "icons"
    folder.mkdir()
    (folder / "icons.json").write_text(json.dumps(contents))
    return Package(folder)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the name under which labels would know a real local repository."""
    folder = tmp_path / "host" / "owner" / "logos"
    (folder / "art").mkdir(parents=True)
    Image.new("RGB", (500, 250), "red").save(folder / "art" / "red.png")
    (folder / "art" / "tall.svg").write_text(SVG.format(10, 20, SQUARE))
    git = ["git", "-C", str(folder), "-c", "user.name=t", "-c", "user.email=t@example.org"]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "config", "uploadpack.allowFilter", "true"], check=True)
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "-qm", "art"], check=True)
    commit = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True)
    monkeypatch.setattr(fetching, "GIT_HOST", f"file://{tmp_path / 'host'}/")
    return f"owner/logos@{commit.stdout.strip()}:art"


def labels(folder: Path, *rows: str) -> Path:
    folder.mkdir()
    (folder / "labels.csv").write_text("\n".join([HEADER, *rows]) + "\n")
    return folder


def test_an_icon_is_rendered_with_its_longest_side(icons: Package) -> None:
    assert icons.names() == ["square", "wide"]
    assert icons.picture("square").size == (384, 384)
    assert icons.picture("wide", 96).size == (96, 48)


def test_the_current_colour_is_almost_black_and_the_rest_transparent(icons: Package) -> None:
    pixels = np.asarray(icons.picture("square", 64))

    assert pixels[32, 32].tolist() == [0x11, 0x11, 0x11, 255]
    assert pixels[2, 2, 3] == 0


def test_a_tall_drawing_is_as_high_as_asked_for() -> None:
    assert render(SVG.format(10, 20, SQUARE), 100).size == (50, 100)


def test_what_is_no_svg_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown token"):
        render("nothing", 64)


def test_files_are_found_in_the_package_and_below_icons(tmp_path: Path) -> None:
    (tmp_path / "icons").mkdir()
    (tmp_path / "icons" / "a.svg").write_text(SVG.format(8, 8, SQUARE))
    Image.new("RGB", (20, 10)).save(tmp_path / "b.png")
    package = Package(tmp_path)

    assert package.names() == ["b.png", "icons/a.svg"]
    assert package.picture("a.svg").size == (384, 384)
    assert package.picture("b.png").size == (20, 10)
    with pytest.raises(FetchError, match=r"c\.svg"):
        package.picture("c.svg")


def test_a_repository_is_fetched_at_its_commit_once(repository: str, tmp_path: Path) -> None:
    package = open_package("git", repository, tmp_path / "cache")
    shutil.rmtree(tmp_path / "host")
    again = open_package("git", repository, tmp_path / "cache")

    assert package.folder == again.folder
    assert package.names() == ["red.png", "tall.svg"]
    assert package.picture("red.png").size == (384, 192)
    assert package.picture("tall.svg").size == (192, 384)


def test_a_repository_that_cannot_be_had_is_named(tmp_path: Path, repository: str) -> None:
    with pytest.raises(FetchError, match=r"git clone .*owner/nothing"):
        open_package("git", "owner/nothing@abc:art", tmp_path / "cache")

    assert list((tmp_path / "cache").iterdir()) == []


@pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed")
def test_an_npm_package_is_packed_and_unpacked(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "package.json").write_text('{"name": "drawn", "version": "1.2.3"}')
    (source / "a.svg").write_text(SVG.format(8, 8, SQUARE))

    package = open_package("npm", str(source), tmp_path / "cache")

    assert package.names() == ["a.svg"]


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
