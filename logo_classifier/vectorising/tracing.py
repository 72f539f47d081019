"""Trace a picture with VTracer as the advice says. VTracer is optional: the extra `trace`."""

from __future__ import annotations

import re

import cv2
import numpy as np

from logo_classifier.errors import BadParameter, ClassifierError
from logo_classifier.pictures.header import Picture
from logo_classifier.pictures.image import load_rgba
from logo_classifier.pictures.limits import Limits
from logo_classifier.pictures.pixels import Pixels
from logo_classifier.pictures.source import Source
from logo_classifier.values import LogoType
from logo_classifier.vectorising.advice import preparation_for, settings_for
from logo_classifier.vectorising.colours import snap_fills
from logo_classifier.vectorising.confined import TraceBounds, convert
from logo_classifier.vectorising.preparing import fit, prepare
from logo_classifier.vectorising.settings import Preparation, VTracerSettings

_PATHS_ALONE = re.compile(
    r'(?:<\?xml version="1\.0" encoding="UTF-8"\?>\s*)?(?:<!--[^<>&]*-->\s*)?'
    r'<svg xmlns="http://www\.w3\.org/2000/svg"(?: [A-Za-z]+="[0-9 .-]*")*>\s*'
    r'(?:<path(?: (?:d|fill|transform)="[A-Za-z0-9#(), .-]*")*\s*/>\s*)*</svg>\s*'
)
"""A drawing that can do nothing but show: every element and attribute that it may have."""


def trace(
    source: Source | Picture,
    logo_type: LogoType | str,
    limits: Limits | None = None,
    bounds: TraceBounds | None = None,
) -> str:
    """Return the SVG of a picture, traced by VTracer with the settings of a type.

    `logo_type` is best the `basis` of the advice: `classify(..., include_tracing=True)`. The
    picture passes the checks of a classification, and VTracer sees its pixels alone; of a side
    of 768 px and more it is reduced first. The SVG holds paths and colours: no script, no
    reference. With `bounds`, VTracer runs in a process of its own, which ends at them; without, it
    holds Python's lock for as long as it takes.

    Raises the errors of `classify` for a bad picture, BadParameter for an unknown type, TooDetailed
    and OutOfMemory at the bounds, and ModuleNotFoundError without VTracer.
    """
    try:
        kind = LogoType(logo_type)
    except ValueError as error:
        known = ", ".join(LogoType)
        raise BadParameter(f"logo_type is one of {known}, not {repr(logo_type)[:80]}") from error
    rgba, facts = load_rgba(source, limits)
    preparation = preparation_for(kind, max(rgba.shape[:2]))
    # The picture may have been turned upright, so only its longest side tells how it was reduced.
    shown = max(facts.width, facts.height) / max(rgba.shape[:2])
    return trace_pixels(rgba, preparation, settings_for(kind), shown, bounds)


def trace_pixels(
    rgba: Pixels,
    preparation: Preparation,
    settings: VTracerSettings,
    shown: float = 1.0,
    bounds: TraceBounds | None = None,
) -> str:
    """Return the SVG of a picture, uint8 RGBA (height, width, 4), shown at `shown` times its size.

    `bounds` are those of `trace`, and so are the errors of the tracer.
    """
    prepared = prepare(rgba, preparation)
    try:
        svg = _convert(_png(prepared), settings, bounds)
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "tracing needs VTracer: pip install 'logo-classifier[trace]'", name="vtracer"
        ) from error
    drawing = fit(snap_fills(svg, prepared), rgba, prepared, preparation.scale, shown)
    if not _PATHS_ALONE.fullmatch(drawing):
        raise ClassifierError("the tracer wrote more than paths and colours")
    return drawing


def _convert(png: bytes, settings: VTracerSettings, bounds: TraceBounds | None) -> str:
    if bounds:
        return convert(png, settings.python(), bounds)
    import vtracer  # noqa: PLC0415 - optional

    return str(vtracer.convert_raw_image_to_svg(png, img_format="png", **settings.python()))


def _png(rgba: Pixels) -> bytes:
    # Hundreds of times as fast as the list of tuples that the binding takes as pixels.
    stored = [cv2.IMWRITE_PNG_COMPRESSION, 1]
    _, data = cv2.imencode(".png", cv2.cvtColor(rgba, cv2.COLOR_RGBA2BGRA), stored)
    return np.asarray(data).tobytes()
