"""Render a trace back and measure how far it is from its picture."""

from __future__ import annotations

import gzip
import re
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
import resvg_py
from PIL import Image
from skimage.metrics import structural_similarity

from logo_classifier.pictures.normalising import composite
from logo_classifier.pictures.pixels import Colour, Pixels

GROUNDS: tuple[Colour, ...] = ((255, 255, 255), (34, 34, 34))
"""White and dark: what is right on one alone has a wrong transparency."""

MARGIN_PX = 8
"""Ground that is left around the ink: on the rest of a picture every trace is right."""

_LEAST_SIDE_PX = 16
_FILL = re.compile(r'fill="([^"]+)"')


@dataclass(frozen=True, slots=True)
class Measures:
    """How a trace compares with its picture, as the mean over both grounds, and what it costs.

    `ssim` is at most 1, which is the same (Wang et al., 2004). `butteraugli` is 0 for the same;
    it is the worst place of the picture. `size_bytes` is that of the SVG, `gzip_bytes` of the
    compressed one; `seconds` is the time of preparation and trace.
    """

    ssim: float
    butteraugli: float
    size_bytes: int
    gzip_bytes: int
    paths: int
    fills: int
    seconds: float


def measure(
    svg: str, seconds: float, picture: Pixels, grounds: Sequence[Colour] = GROUNDS
) -> Measures:
    """Return the measures of a trace of a picture, uint8 RGBA, rendered at the picture's size.

    The trace of a source that was laid on a ground is compared on that one alone.
    """
    height, width = picture.shape[:2]
    rendered = render(svg, width, height)
    box = ink_box(picture)
    pairs = [
        (_padded(composite(picture, ground)[box]), _padded(composite(rendered, ground)[box]))
        for ground in grounds
    ]
    return Measures(
        float(np.mean([_ssim(*pair) for pair in pairs])),
        float(np.mean([_butteraugli(*pair) for pair in pairs])),
        len(svg.encode()),
        len(gzip.compress(svg.encode())),
        svg.count("<path"),
        len(set(_FILL.findall(svg))),
        seconds,
    )


def render(svg: str, width: int, height: int) -> Pixels:
    """Return an SVG as uint8 RGBA (height, width, 4); no font of the system is read."""
    data = resvg_py.svg_to_bytes(svg_string=svg, width=width, height=height, skip_system_fonts=True)
    with Image.open(BytesIO(bytes(data))) as file:
        rendered = np.asarray(file.convert("RGBA"), np.uint8)
    # resvg keeps the ratio of the sides, so one of them may be a pixel off.
    if rendered.shape[:2] != (height, width):
        rendered = np.asarray(cv2.resize(rendered, (width, height)), np.uint8)
    return rendered


def ink_box(picture: Pixels) -> tuple[slice, slice]:
    """Return the rows and columns of the ink with a margin; of all if there is no ground."""
    ground = picture[0, 0].astype(np.int16)
    differs = np.abs(picture.astype(np.int16) - ground).max(axis=2) > 8
    differs &= (picture[..., 3] > 8) | (ground[3] > 8)
    rows, columns = np.flatnonzero(differs.any(axis=1)), np.flatnonzero(differs.any(axis=0))
    if not len(rows):
        return slice(None), slice(None)
    top, left = max(0, rows[0] - MARGIN_PX), max(0, columns[0] - MARGIN_PX)
    return slice(top, rows[-1] + MARGIN_PX + 1), slice(left, columns[-1] + MARGIN_PX + 1)


def mean_flip(svg: str, picture: Pixels) -> float:
    """Return the mean FLIP error on white, 0 to 1 (Andersson et al., 2020)."""
    import flip_evaluator  # noqa: PLC0415 - loads for a second

    height, width = picture.shape[:2]
    box = ink_box(picture)
    shown, traced = (
        composite(each, GROUNDS[0])[box].astype(np.float32) / 255
        for each in (picture, render(svg, width, height))
    )
    return float(flip_evaluator.evaluate(shown, traced, "LDR")[1])


def _padded(pixels: Pixels) -> Pixels:
    """Return a picture that is large enough for the windows of the metrics."""
    lacking = [max(0, _LEAST_SIDE_PX - side) for side in pixels.shape[:2]]
    return np.pad(pixels, ((0, lacking[0]), (0, lacking[1]), (0, 0)), mode="edge")


def _ssim(shown: Pixels, traced: Pixels) -> float:
    grey = [cv2.cvtColor(each, cv2.COLOR_RGB2GRAY) for each in (shown, traced)]
    settings = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
    return float(structural_similarity(*grey, data_range=255, **settings))


def _butteraugli(shown: Pixels, traced: Pixels) -> float:
    with tempfile.TemporaryDirectory() as folder:
        paths = [str(Path(folder) / name) for name in ("shown.png", "traced.png")]
        for path, pixels in zip(paths, (shown, traced), strict=True):
            cv2.imwrite(path, cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))
        done = subprocess.run(["butteraugli", *paths], capture_output=True, text=True, check=True)
    return float(done.stdout)
