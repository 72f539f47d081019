"""Write drawn pictures as the files that people upload."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import Any

from PIL import Image

from logo_classifier.pictures.pixels import Colour, Pixels
from training.behaviour.drawing.inks import centred
from training.behaviour.drawing.palette import Rng


@dataclass(frozen=True, slots=True)
class File:
    """A drawn picture as a file; the note says what is special about it."""

    note: str
    extension: str
    data: bytes


def on_ground(rgba: Pixels, ground: Colour) -> Image.Image:
    """Return a picture composited over one colour."""
    lower = Image.new("RGBA", (rgba.shape[1], rgba.shape[0]), (*ground, 255))
    return Image.alpha_composite(lower, Image.fromarray(rgba)).convert("RGB")


def with_margin(rgba: Pixels, share: float) -> Pixels:
    """Return a picture with a transparent margin, a share of its longer side."""
    margin = round(share * max(rgba.shape[:2]))
    return centred(rgba, rgba.shape[0] + 2 * margin, rgba.shape[1] + 2 * margin)


def write(picture: Image.Image, extension: str, note: str, **options: Any) -> File:
    """Return a picture as a file of this extension."""
    data, kind = BytesIO(), {"jpg": "JPEG"}.get(extension, extension.upper())
    picture.save(data, kind, **options)
    return File(note, extension, data.getvalue())


def write_transparent(rgba: Pixels, note: str) -> File:
    """Return a picture as a PNG with transparency."""
    return write(Image.fromarray(rgba), "png", f"{note} transparent")


def write_any(rgba: Pixels, ground: Colour, note: str, rng: Rng) -> File:
    """Return a picture as a transparent PNG, or on the ground as PNG or JPEG, with a margin."""
    rgba, choice = with_margin(rgba, float(rng.uniform(0.02, 0.12))), rng.random()
    if choice < 0.45:
        return write_transparent(rgba, note)
    if choice < 0.75:
        return write(on_ground(rgba, ground), "png", note)
    return write(on_ground(rgba, ground), "jpg", note, quality=int(rng.integers(80, 96)))


def write_few_colours(picture: Image.Image, colours: int, dither: bool, note: str) -> File:
    """Return a picture as a GIF of so many colours, in dots or in bands."""
    palette = picture.quantize(colours, Image.Quantize.MEDIANCUT)
    kind = Image.Dither.FLOYDSTEINBERG if dither else Image.Dither.NONE
    return write(picture.quantize(palette=palette, dither=kind), "gif", note)
