"""Pictures as the rules meet them, those that show nothing as well."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from logo_classifier.pictures.decoding import decode_rgba
from logo_classifier.pictures.header import Picture, open_header
from logo_classifier.pictures.image import NEEDED_SIDE_PX, LoadedImage
from logo_classifier.pictures.limits import Limits
from logo_classifier.pictures.normalising import WHITE, normalise
from logo_classifier.pictures.pixels import halve
from logo_classifier.rules.features import MEASURING_SIDE_PX
from logo_classifier.rules.measuring import Measured
from logo_classifier.values import ImageFacts

Colour = tuple[int, int, int]


def normalised(picture: Image.Image) -> LoadedImage:
    """Return what `load_image` does, which refuses what shows nothing."""
    file = BytesIO()
    picture.save(file, "PNG")
    header = open_header(Picture(file.getvalue()), Limits())
    found = normalise(decode_rgba(header.file, header.layout))
    return LoadedImage(halve(found.pixels, NEEDED_SIDE_PX), found.surround, header.facts)


def look(picture: Image.Image, side_px: int = MEASURING_SIDE_PX) -> Measured:
    """Return what the features of a picture share."""
    return Measured(normalised(picture), side_px)


def look_at(pixels: NDArray[np.uint8], backdrop: Colour = WHITE) -> Measured:
    """Return what the features of pixels share that are neither trimmed nor shrunk."""
    height, width = pixels.shape[:2]
    facts = ImageFacts("PNG", width, height, 0, "")
    return Measured(LoadedImage(pixels, backdrop, facts), MEASURING_SIDE_PX)


def noise(size: tuple[int, int], seed: int = 3) -> Image.Image:
    """Return a picture of random colours and opacities."""
    values = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 4), np.uint8)
    return Image.fromarray(values)


def row_of(*colours: Colour, size: tuple[int, int] = (12, 24), gap: int = 8) -> Image.Image:
    """Return upright flat blocks side by side on white, as the letters of a word stand."""
    width, height = size
    picture = Image.new("RGB", ((width + gap) * len(colours) + gap, height + 2 * gap), "white")
    for place, colour in enumerate(colours):
        left = gap + place * (width + gap)
        picture.paste(colour, (left, gap, left + width, gap + height))
    return picture


def squares(count: int) -> Image.Image:
    """Draw squares of 12 px in as many colours, at most eight a row."""
    picture = Image.new("RGB", (180, 180), "white")
    for i in range(count):
        left, top = 10 + 20 * (i % 8), 10 + 20 * (i // 8)
        picture.paste((i * 29 % 200, i * 67 % 200, i * 101 % 200), (left, top, left + 12, top + 12))
    return picture
