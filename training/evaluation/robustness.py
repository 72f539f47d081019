"""Robustness: degrade pictures as uploads are degraded, and measure which answers change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image, ImageOps
from tqdm import tqdm

from logo_classifier import HybridClassifier
from logo_classifier.pictures.decoding import decode_rgba
from logo_classifier.pictures.normalising import (
    VANISHING_SHARE,
    choose_backdrop,
    ink_rim,
    vanishing_share,
)
from logo_classifier.pictures.pixels import Colour
from training.evaluation.scores import Result
from training.labels.dataset import Example

BRAND_COLOUR: Colour = (0, 82, 155)
Variant = Callable[[Image.Image], bytes | None]
"""Turns an RGBA picture into the bytes of a file; None if its ink would be invisible."""


def _encoded(picture: Image.Image, kind: str, **options: Any) -> bytes:
    file = BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def _laid_over(picture: Image.Image, colour: Colour) -> Image.Image | None:
    """Return the picture composited over one colour; None if its ink would be invisible."""
    rim = ink_rim(np.asarray(picture))
    if vanishing_share(rim, colour) > VANISHING_SHARE:
        return None
    ground = Image.new("RGBA", picture.size, (*colour, 255))
    return Image.alpha_composite(ground, picture).convert("RGB")


def _on(colour: Colour) -> Variant:
    def lay(picture: Image.Image) -> bytes | None:
        laid = _laid_over(picture, colour)
        return None if laid is None else _encoded(laid, "PNG")

    return lay


def _seen(picture: Image.Image) -> Image.Image:
    """Return the picture composited over the backdrop that serving would choose."""
    ground = choose_backdrop(ink_rim(np.asarray(picture)))
    return Image.alpha_composite(Image.new("RGBA", picture.size, (*ground, 255)), picture).convert(
        "RGB"
    )


def _sized(side_px: int) -> Variant:
    def resize(picture: Image.Image) -> bytes:
        factor = side_px / max(picture.size)
        size = (max(10, round(picture.width * factor)), max(10, round(picture.height * factor)))
        return _encoded(picture.resize(size, Image.Resampling.LANCZOS), "PNG")

    return resize


def _inverted(picture: Image.Image) -> bytes:
    inverted = ImageOps.invert(picture.convert("RGB"))
    inverted.putalpha(picture.getchannel("A"))
    return _encoded(inverted, "PNG")


VARIANTS: dict[str, Variant] = {
    "jpeg q30": lambda picture: _encoded(_seen(picture), "JPEG", quality=30),
    "64 px": _sized(64),
    "2000 px": _sized(2000),
    "on white": _on((255, 255, 255)),
    "on black": _on((0, 0, 0)),
    "on brand blue": _on(BRAND_COLOUR),
    "inverted": _inverted,
    "gif 16 colours": lambda picture: _encoded(_seen(picture).quantize(16), "GIF"),
    "bmp": lambda picture: _encoded(_seen(picture), "BMP"),
}


def measure_variants(
    classifier: HybridClassifier, examples: Sequence[Example], unchanged: Sequence[Result]
) -> dict[str, Any]:
    """Return the accuracy of each variant, and how often its type equals that of the original.

    Shares are in 0-1. Pictures that would be invisible are left out of a variant, and
    `unchanged_accuracy` is the accuracy on the originals of the other ones. A variant without any
    picture is left out. Pictures of 768 px or more are first reduced as serving does.
    """
    rows = {
        name: _measure_variant(classifier, variant, name, examples, unchanged)
        for name, variant in VARIANTS.items()
    }
    return {name: row for name, row in rows.items() if row is not None}


def _measure_variant(
    classifier: HybridClassifier,
    variant: Variant,
    name: str,
    examples: Sequence[Example],
    unchanged: Sequence[Result],
) -> dict[str, Any] | None:
    right, right_before, same = [], [], []
    pairs = tqdm(zip(examples, unchanged, strict=True), total=len(examples), desc=name, unit="img")
    for example, before in pairs:
        with Image.open(example.path) as file:
            data = variant(Image.fromarray(decode_rgba(file)))
        if data is None:
            continue
        found = classifier.classify(data)["logo_type"]
        right.append(found == example.logo_type.value)
        right_before.append(before["logo_type"] == example.logo_type.value)
        same.append(found == before["logo_type"])
    if not right:
        return None
    return {
        "pictures": len(right),
        "accuracy": float(np.mean(right)),
        "unchanged_accuracy": float(np.mean(right_before)),
        "same_type": float(np.mean(same)),
    }
