"""Open npm packages and Git repositories at given versions, and render their pictures."""

from __future__ import annotations

import json
import re
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Any

import resvg_py
from PIL import Image

SIDE_PX = 384
"""The longest side of a stored picture."""

GIT_HOST = "https://github.com/"

_BLACK = "#111111"
_TIMEOUT_SECONDS = 900


class FetchError(RuntimeError):
    """A package or picture that cannot be fetched."""


@dataclass(frozen=True)
class Package:
    """An unpacked package or repository.

    Pictures are files, entries of an Iconify `icons.json`, or strings of a module that exports
    `variants`, with names such as `dist/acme.js#wordmark`.
    """

    folder: Path

    @cached_property
    def _icons(self) -> dict[str, Any]:
        file = self.folder / "icons.json"
        contents: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
        return contents

    def svg(self, name: str) -> str:
        """Return the SVG source of a picture."""
        if not self._icons:
            file, _, variant = name.partition("#")
            text = self.path(file).read_text(encoding="utf-8")
            return _variant(text, variant) if variant else text
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
        """Return a picture as RGBA; its longest side is `side_px`, or less for raster files."""
        if self._icons or "#" in name or name.endswith(".svg"):
            return render(self.svg(name), side_px)
        with Image.open(self.path(name)) as file:
            image = file.convert("RGBA")
        image.thumbnail((side_px, side_px), Image.Resampling.LANCZOS)
        return image

    def path(self, name: str) -> Path:
        """Return the file of a picture; names in npm icon packages are relative to `icons/`."""
        for folder in (self.folder, self.folder / "icons"):
            if (folder / name).is_file():
                return folder / name
        raise FetchError(f"{name} is not in {self.folder}")


def _variant(module: str, name: str) -> str:
    found = re.search(rf'"{re.escape(name)}": `([^`]*)`', module)
    if found is None:
        raise FetchError(f"the module has no variant {name}")
    return found[1]


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


def open_package(origin: str, package: str, cache: Path) -> Package:
    """Return a package at its version; fetch it into `cache` if it is missing.

    `package` is `name@version` of npm or `owner/repository@commit:folder` of GitHub.
    Raises FetchError if it cannot be fetched.
    """
    folder = cache / package.replace("/", "_").replace(":", "_")
    fetch = {"npm": _fetch_npm, "git": _fetch_git}[origin]
    if not folder.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as scratch:
            fetch(package, Path(scratch)).rename(folder)
    return Package(folder)


def _fetch_npm(package: str, scratch: Path) -> Path:
    _run("npm", "pack", "--silent", "--pack-destination", str(scratch), package)
    archive = next(scratch.glob("*.tgz"))
    with tarfile.open(archive) as tar:
        tar.extractall(scratch / "unpacked", filter="data")
    return next((scratch / "unpacked").iterdir())


def _fetch_git(package: str, scratch: Path) -> Path:
    address, folder = package.split(":")
    repository, commit = address.split("@")
    clone = scratch / "clone"
    _run("git", "clone", "--filter=blob:none", "--no-checkout", GIT_HOST + repository, str(clone))
    _run("git", "-C", str(clone), "checkout", commit, "--", folder)
    return clone / folder


def _run(*command: str) -> None:
    try:
        subprocess.run(  # noqa: S603 - package names come from the committed labels
            command, check=True, capture_output=True, text=True, timeout=_TIMEOUT_SECONDS
        )
    except (OSError, subprocess.SubprocessError) as error:
        said = getattr(error, "stderr", None) or str(error)
        raise FetchError(f"{' '.join(command)}: {said.strip()}") from error
