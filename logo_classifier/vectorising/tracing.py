"""Trace a picture with VTracer as the advice says. VTracer is optional: the extra `trace`."""

from __future__ import annotations

from typing import Any

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
from logo_classifier.vectorising.preparing import fit, prepare
from logo_classifier.vectorising.settings import Preparation, VTracerSettings


def trace(source: Source | Picture, tracing: dict[str, Any], limits: Limits | None = None) -> str:
    """Return the SVG of a picture as its `tracing` advises, at the size of the decoded picture.

    The picture passes the checks of a classification, and VTracer sees its pixels alone. One of
    more than 768 px a side is reduced first. The SVG holds paths and colours: no script, no
    reference. Raises the errors of `classify` for a bad picture, BadParameter for what is no
    advice, and ModuleNotFoundError without VTracer.
    """
    try:
        basis = LogoType(tracing["basis"])
    except (KeyError, TypeError, ValueError) as error:
        raise BadParameter("tracing is what classify(..., include_tracing=True) gives") from error
    rgba, _ = load_rgba(source, limits)
    longest_px = max(rgba.shape[:2])
    return trace_pixels(rgba, preparation_for(basis, longest_px), settings_for(basis))


def trace_pixels(rgba: Pixels, preparation: Preparation, settings: VTracerSettings) -> str:
    """Return the SVG of a picture, uint8 RGBA (height, width, 4), at its own size.

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
    return fit(svg, rgba.shape[1], rgba.shape[0], prepared, preparation.scale)


def _png(rgba: Pixels) -> bytes:
    # Hundreds of times as fast as the list of tuples that the binding takes as pixels.
    stored = [cv2.IMWRITE_PNG_COMPRESSION, 1]
    _, data = cv2.imencode(".png", cv2.cvtColor(rgba, cv2.COLOR_RGBA2BGRA), stored)
    return np.asarray(data).tobytes()
