"""Packages are opened at their version: real archives, real Git."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.training.drawn import SQUARE, SVG
from training.labels.packages import FetchError, Package, open_package, render


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


def test_an_icon_is_rendered_with_its_longest_side(icons: Package) -> None:
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

    assert package.picture("a.svg").size == (384, 384)
    assert package.picture("b.png").size == (20, 10)
    with pytest.raises(FetchError, match=r"c\.svg"):
        package.picture("c.svg")


def test_a_repository_is_fetched_at_its_commit_once(repository: str, tmp_path: Path) -> None:
    package = open_package("git", repository, tmp_path / "cache")
    shutil.rmtree(tmp_path / "host")
    again = open_package("git", repository, tmp_path / "cache")

    assert package.folder == again.folder
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

    assert package.picture("a.svg").size == (384, 384)


def test_a_variant_of_a_module_is_rendered(tmp_path: Path) -> None:
    wide, tall = SVG.format(20, 10, SQUARE), SVG.format(10, 20, SQUARE)
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist" / "acme.js").write_text(
        f'export const variants = {{\n  "default": `{wide}`,\n  "wordmark": `{tall}`,\n}};\n'
    )
    package = Package(tmp_path)

    assert package.picture("dist/acme.js#default").size == (384, 192)
    assert package.picture("dist/acme.js#wordmark").size == (192, 384)
    with pytest.raises(FetchError, match="no variant mono"):
        package.picture("dist/acme.js#mono")
