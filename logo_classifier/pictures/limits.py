"""The limits of an accepted picture: its bytes, its sides and its format."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import features

from logo_classifier.errors import BadDimensions, BadParameter

BROWSER_FORMATS = ("PNG", "JPEG", "BMP", "GIF")
"""The formats that are accepted unless the limits say otherwise."""

MORE_FORMATS = {"WEBP": "webp", "AVIF": "avif", "TIFF": None, "ICO": None}
"""Formats that limits may add, with what Pillow calls the codec that its build may lack."""

SUFFIXES = frozenset(
    ".png .jpg .jpeg .jpe .jfif .bmp .dib .gif .webp .avif .tif .tiff .ico".split()  # noqa: SIM905
)
"""What the names of pictures end with; in folders all other files are passed over."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of an accepted picture, all inclusive: bytes of the file and pixels per side.

    `formats` are the accepted ones: PNG, JPEG, BMP and GIF, and on request WEBP, AVIF, TIFF and
    ICO. Raises BadParameter for others, and for those that this build of Pillow cannot read.
    """

    max_bytes: int = 50 * 1024 * 1024
    min_side_px: int = 10
    max_side_px: int = 5000
    formats: tuple[str, ...] = BROWSER_FORMATS

    def __post_init__(self) -> None:
        known = (*BROWSER_FORMATS, *MORE_FORMATS)
        unknown = [name for name in self.formats if name not in known]
        if unknown or not self.formats:
            raise BadParameter(f"formats are some of {', '.join(known)}, not {self.formats!r}")
        for name in self.formats:
            codec = MORE_FORMATS.get(name)
            if codec and not features.check(codec):
                raise BadParameter(f"this build of Pillow does not read {name}")


def check_sides(width: int, height: int, limits: Limits) -> None:
    """Raise BadDimensions for a side outside the limits in pixels."""
    if not all(limits.min_side_px <= side <= limits.max_side_px for side in (width, height)):
        raise BadDimensions(
            f"the picture is {width} x {height} px; "
            f"each side must be {limits.min_side_px} to {limits.max_side_px} px"
        )
