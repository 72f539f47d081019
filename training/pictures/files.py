"""Pictures for the rules besides the labelled ones: drawn logos, and small copies of plain ones.

Each is written as a file of some format and size, and read as the service reads it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from PIL import Image

from logo_classifier.errors import InvalidInput
from logo_classifier.pictures.image import LoadedImage, load_image
from logo_classifier.pictures.normalising import choose_backdrop, composite, ink_rim
from logo_classifier.pictures.pixels import Colour, Pixels
from training.labels.dataset import Example
from training.pictures.augment import Rng
from training.pictures.synthesis import Typesetter

_LARGEST_PX = 400
_LARGEST_SMALL_PX = 48
_LEAST_SMALL_PX = 14
_MARGIN = 0.15
"""Largest margin around a picture, as a share of its longest side."""

Flags = tuple[bool, bool, bool]


@dataclass(frozen=True, slots=True)
class Extra:
    """A picture for the rules with its flags: lettering, gradient, complex.

    `kind` names what it stands for, `origin` is the index of the labelled picture that it is a copy
    of, None for a drawn one.
    """

    image: LoadedImage
    flags: Flags
    kind: str
    origin: int | None


def drawn_files(typesetter: Typesetter, count: int, rng: Rng) -> Iterator[Extra]:
    """Yield drawn logos in files of many sizes."""
    for _ in range(count):
        drawn = typesetter.draw(rng)
        longest_px = _between(drawn.least_px, _LARGEST_PX, rng)
        image = _through_a_file(drawn.rgba, choose_backdrop(ink_rim(drawn.rgba)), longest_px, rng)
        if image is not None:
            kind = f"fading {drawn.kind}" if drawn.flags[1] else drawn.kind
            yield Extra(image, drawn.flags, kind, None)


def small_copies(
    examples: Sequence[Example], images: Sequence[LoadedImage], share: float, rng: Rng
) -> Iterator[Extra]:
    """Yield small copies of a share of the pictures without letters and without much detail."""
    for index, (example, image) in enumerate(zip(examples, images, strict=True)):
        if example.flags is None or example.flags[0] or example.flags[2] or rng.random() >= share:
            continue
        opaque = np.dstack([image.pixels, np.full(image.pixels.shape[:2], 255, np.uint8)])
        longest_px = _between(_LEAST_SMALL_PX, _LARGEST_SMALL_PX, rng)
        small = _through_a_file(opaque, image.backdrop, longest_px, rng)
        if small is not None:
            yield Extra(small, example.flags, "small copy", index)


def _between(least_px: int, most_px: int, rng: Rng) -> int:
    return round(float(np.exp(rng.uniform(np.log(least_px), np.log(max(least_px, most_px))))))


def _through_a_file(
    rgba: Pixels, backdrop: Colour, longest_px: int, rng: Rng
) -> LoadedImage | None:
    """Return what the service makes of a file of a picture; None if nothing is left to see."""
    factor = min(1.0, longest_px / max(rgba.shape[:2]))
    size = (max(1, round(rgba.shape[1] * factor)), max(1, round(rgba.shape[0] * factor)))
    scaled = Image.fromarray(rgba).resize(size, Image.Resampling.BOX)
    margin = round(rng.uniform(0, _MARGIN) * max(size))
    width, height = (max(10, side + 2 * margin) for side in size)
    canvas = Image.new("RGBA", (width, height))
    canvas.paste(scaled, ((canvas.width - size[0]) // 2, (canvas.height - size[1]) // 2))
    file, choice = BytesIO(), rng.random()
    if choice < 0.5:
        canvas.save(file, "PNG")
    else:
        flat = Image.fromarray(composite(np.asarray(canvas), backdrop))
        if choice < 0.85:
            flat.save(file, "JPEG", quality=int(rng.integers(60, 96)))
        elif choice < 0.92:
            flat.quantize(int(rng.integers(16, 256))).save(file, "GIF")
        else:
            flat.save(file, "BMP")
    try:
        return load_image(file.getvalue())
    except InvalidInput:  # two hues of one lightness may be one colour in a palette
        return None
