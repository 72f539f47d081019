"""Trace a picture with VTracer as the advice says. VTracer is optional: the extra `trace`."""

from __future__ import annotations

import cv2
import numpy as np

from logo_classifier.errors import BadParameter
from logo_classifier.pictures.header import Picture
from logo_classifier.pictures.image import load_rgba
from logo_classifier.pictures.limits import Limits
from logo_classifier.pictures.pixels import Pixels
from logo_classifier.pictures.source import Source
from logo_classifier.values import LogoType
from logo_classifier.vectorising.advice import preparation_for, settings_for
from logo_classifier.vectorising.colours import snap_fills
from logo_classifier.vectorising.preparing import fit, prepare
from logo_classifier.vectorising.settings import Preparation, VTracerSettings


def trace(source: Source | Picture, logo_type: LogoType | str, limits: Limits | None = None) -> str:
    """Return the SVG of a picture, traced by VTracer with the settings of a type.

    `logo_type` is best the `basis` of the advice: `classify(..., include_tracing=True)`. The
    picture passes the checks of a classification, and VTracer sees its pixels alone; of a side
    of 768 px and more it is reduced first. The SVG holds paths and colours: no script, no
    reference. Raises the errors of `classify` for a bad picture, BadParameter for an unknown type,
    and ModuleNotFoundError without VTracer.
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
    return trace_pixels(rgba, preparation, settings_for(kind), shown)


def trace_pixels(
    rgba: Pixels, preparation: Preparation, settings: VTracerSettings, shown: float = 1.0
) -> str:
    """Return the SVG of a picture, uint8 RGBA (height, width, 4), shown at `shown` times its size.

    Raises ModuleNotFoundError without VTracer.
    """
    try:
        import vtracer  # noqa: PLC0415 - optional
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "tracing needs VTracer: pip install 'logo-classifier[trace]'", name="vtracer"
        ) from error
    prepared = prepare(rgba, preparation)
    svg = vtracer.convert_raw_image_to_svg(_png(prepared), img_format="png", **settings.python())
    return fit(snap_fills(svg, prepared), rgba, prepared, preparation.scale, shown)


def _png(rgba: Pixels) -> bytes:
    # Hundreds of times as fast as the list of tuples that the binding takes as pixels.
    stored = [cv2.IMWRITE_PNG_COMPRESSION, 1]
    _, data = cv2.imencode(".png", cv2.cvtColor(rgba, cv2.COLOR_RGBA2BGRA), stored)
    return np.asarray(data).tobytes()
