"""The search for the costliest picture leaves out no format and no depth."""

from __future__ import annotations

import re

import pytest

from benchmarks.costly_kinds import KINDS
from logo_classifier.pictures.limits import BROWSER_FORMATS, MORE_FORMATS

NAMES = "\n".join(KINDS)


@pytest.mark.parametrize("format", [*BROWSER_FORMATS, *set(MORE_FORMATS) - {"ICO"}])
def test_every_format_is_tried_flat_and_with_noise(format: str) -> None:
    # An icon is a PNG or a bitmap of at most 256 px.
    assert re.search(rf"^{format}.* noise", NAMES, re.MULTILINE)


@pytest.mark.parametrize("bits", [1, 2, 4, 8, 16])
def test_every_depth_of_a_png_is_tried(bits: int) -> None:
    depths = {"grey", "palette", "RGB", "RGBA", "grey+alpha"}
    expected = depths if bits == 8 else depths - {"palette"} if bits == 16 else {"grey", "palette"}

    for interlaced in ("", " interlaced"):
        found = set(re.findall(rf"^PNG (\S+) {bits} bits{interlaced} noise$", NAMES, re.MULTILINE))
        assert found == expected


@pytest.mark.parametrize("bits", [1, 2, 4, 8, 16, 24, 32])
def test_every_depth_of_a_bmp_is_tried(bits: int) -> None:
    assert f"BMP {bits} bits noise" in KINDS


@pytest.mark.parametrize("kind", ["RLE8", "RLE4"])
def test_run_lengths_of_every_command_are_tried(kind: str) -> None:
    assert len([name for name in KINDS if kind in name]) >= 5
