"""Open icon packages: pictures as files, as an Iconify `icons.json`, or inside components."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Any

import resvg_py
from PIL import Image

SIDE_PX = 384
"""The longest side of a stored picture."""

_SOURCE_SUFFIXES = (".svelte", ".js")
"""Components of icon packages that hold an SVG as a string."""

_BLACK = "#111111"


class FetchError(RuntimeError):
    """Say which package or picture could not be had, and why."""


@dataclass(frozen=True)
class Package:
    """Hold an unpacked package or repository: pictures as files, or as an Iconify `icons.json`."""

    folder: Path

    @cached_property
    def _icons(self) -> dict[str, Any]:
        file = self.folder / "icons.json"
        contents: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
        return contents

    def names(self) -> list[str]:
        """Return the names of all pictures, in order."""
        if self._icons:
            return sorted(self._icons["icons"])
        files = (p for kind in ("*.svg", "*.png") for p in self.folder.rglob(kind))
        return sorted(str(path.relative_to(self.folder)) for path in files)

    def svg(self, name: str) -> str:
        """Return the SVG source of a picture."""
        if not self._icons:
            text = self.path(name).read_text(encoding="utf-8")
            return embedded_svg(text) if name.endswith(_SOURCE_SUFFIXES) else text
        icon = self._icons["icons"][name]
        width, height, left, top = (
            icon.get(key, self._icons.get(key, default))
            for key, default in (("width", 16), ("height", 16), ("left", 0), ("top", 0))
        )
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
            f'width="{width}" height="{height}" viewBox="{left} {top} {width} {height}">'
            f"{icon['body']}</svg>"
        )

    def picture(self, name: str, side_px: int = SIDE_PX) -> Image.Image:
        """Return a picture as RGBA, its longest side `side_px`, raster pictures at most that."""
        if self._icons or name.endswith((".svg", *_SOURCE_SUFFIXES)):
            return render(self.svg(name), side_px)
        with Image.open(self.path(name)) as file:
            image = file.convert("RGBA")
        image.thumbnail((side_px, side_px), Image.Resampling.LANCZOS)
        return image

    def path(self, name: str) -> Path:
        """Return the file of a picture; npm icon packages name theirs below `icons/`."""
        for folder in (self.folder, self.folder / "icons"):
            if (folder / name).is_file():
                return folder / name
        raise FetchError(f"{name} is not in {self.folder}")


def embedded_svg(source: str) -> str:
    """Return the first SVG inside a component's source, without what only running it fills in.

    Raises ValueError when there is none.
    """
    found = re.search(r"<svg\b.*?</svg>", source, re.DOTALL)
    if found is None:
        raise ValueError("no <svg> element")
    svg = re.sub(r'\s(width|height)="\$\{[^}]*\}"', "", found[0])
    svg = re.sub(r"\$\{[^}]*\}", "", svg)
    return svg.replace("\\n", "\n").replace("\\'", "'")


def render(svg: str, side_px: int) -> Image.Image:
    """Return an SVG as RGBA with its longest side `side_px`; `currentColor` is almost black."""
    svg = svg.replace("currentColor", _BLACK)
    natural = Image.open(BytesIO(resvg_py.svg_to_bytes(svg_string=svg, skip_system_fonts=True)))
    wide = natural.width >= natural.height
    data = resvg_py.svg_to_bytes(
        svg_string=svg,
        skip_system_fonts=True,
        width=side_px if wide else None,
        height=None if wide else side_px,
    )
    return Image.open(BytesIO(data)).convert("RGBA")
