"""Packages are opened: icons from Iconify, files, and SVG inside components."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.training.drawings import SQUARE, SVG
from training.packages import FetchError, Package, embedded_svg, render


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


def test_an_svg_inside_a_svelte_component_loses_what_only_running_it_fills_in(
    tmp_path: Path,
) -> None:
    opening = '<svg viewBox="0 0 20 10" xmlns="http://www.w3.org/2000/svg" width="${width}" '
    source = f'return `{opening}height="${{height}}" ${{rest}}>{SQUARE}</svg>`;'
    (tmp_path / "Mark.svelte").write_text(source)

    assert Package(tmp_path).picture("Mark.svelte").size == (384, 192)


def test_an_svg_inside_a_script_is_read_without_its_escapes() -> None:
    assert embedded_svg(r"var a = '<svg>\n<title>it\'s</title></svg>'; '<svg></svg>'") == (
        "<svg>\n<title>it's</title></svg>"
    )


def test_a_component_without_an_svg_is_refused() -> None:
    with pytest.raises(ValueError, match="no <svg>"):
        embedded_svg("export default 1")
