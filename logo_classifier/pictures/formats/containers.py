"""Check the formats whose opening already allocates much: WebP, ICO and TIFF.

Source: Microsoft, "Icons" (ICONDIR). Pillow decodes an icon when it opens it, and its WebP decoder
allocates two canvases.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator

from logo_classifier.errors import BadDimensions, InvalidImage
from logo_classifier.pictures.formats.png import PNG
from logo_classifier.pictures.formats.tiff import check_directories
from logo_classifier.pictures.formats.webp import is_webp, webp_sides
from logo_classifier.pictures.limits import Limits

_ICON, _ICON_HEADER_BYTES, _ICON_ENTRY_BYTES = b"\0\0\1\0", 6, 16
_MOST_ICONS = 64
"""Pictures of one icon; encoders write a dozen."""


def check_declared_sides(data: bytes, limits: Limits) -> None:
    """Raise BadDimensions if a WebP, ICO or TIFF declares a side above the limit, before opening.

    Raises InvalidImage for an icon of too many pictures and for a TIFF of too large directories.
    """
    sizes: Iterable[tuple[int, int]]
    if "TIFF" in limits.formats:
        check_directories(data, limits)
    if is_webp(data) and "WEBP" in limits.formats:
        sides = webp_sides(data)
        sizes = [sides] if sides else []
    elif data.startswith(_ICON) and "ICO" in limits.formats:
        sizes = _icon_sizes(data)
    else:
        return
    for width, height in sizes:
        if max(width, height) > limits.max_side_px:
            raise BadDimensions(
                f"the picture is {width} x {height} px; "
                f"each side must be {limits.min_side_px} to {limits.max_side_px} px"
            )


def _icon_sizes(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield the sides that the pictures of an icon declare themselves."""
    count = int.from_bytes(data[4:6], "little")
    if count > _MOST_ICONS:
        raise InvalidImage(f"the icon has more than the {_MOST_ICONS} pictures allowed")
    for number in range(count):
        place = _ICON_HEADER_BYTES + number * _ICON_ENTRY_BYTES + 12
        start = int.from_bytes(data[place : place + 4], "little")
        head = data[start : start + 24]
        if head.startswith(PNG) and len(head) == 24:
            width, height = struct.unpack_from(">II", head, 16)
            yield width, height
        elif len(head) >= 12:
            width, doubled = struct.unpack_from("<ii", head, 4)
            yield abs(width), abs(doubled) // 2
