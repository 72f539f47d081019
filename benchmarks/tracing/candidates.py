"""The ways to trace that are compared."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import cv2
import vtracer

from logo_classifier import HybridClassifier, LogoType
from logo_classifier.pictures.pixels import Pixels
from logo_classifier.vectorising.advice import preparation_for, settings_for
from logo_classifier.vectorising.settings import Preparation, VTracerSettings
from logo_classifier.vectorising.tracing import trace_pixels

DEFAULTS = "defaults"
PRESETS: Mapping[str, dict[str, Any]] = {
    DEFAULTS: {},
    "preset poster": {"color_precision": 8},
    "preset photo": {
        "filter_speckle": 10,
        "color_precision": 8,
        "layer_difference": 48,
        "corner_threshold": 180,
    },
    "preset bw": {"colormode": "binary"},
}
"""What VTracer 0.6 does by itself; its presets as `cmdapp/src/config.rs` defines them."""

Trace = tuple[str, float]
"""An SVG, and the seconds that preparation and trace took."""


def by_preset(name: str, rgba: Pixels) -> Trace:
    """Trace a picture as it is with VTracer's own settings."""
    _, data = cv2.imencode(".png", cv2.cvtColor(rgba, cv2.COLOR_RGBA2BGRA))
    started = time.perf_counter()
    svg = vtracer.convert_raw_image_to_svg(data.tobytes(), img_format="png", **PRESETS[name])
    seconds = time.perf_counter() - started
    height, width = rgba.shape[:2]
    size = f'width="{width}" height="{height}"'
    return svg.replace(size, f'{size} viewBox="0 0 {width} {height}"', 1), seconds


def by_settings(rgba: Pixels, preparation: Preparation, settings: VTracerSettings) -> Trace:
    """Prepare and trace a picture."""
    started = time.perf_counter()
    svg = trace_pixels(rgba, preparation, settings)
    return svg, time.perf_counter() - started


def by_type(rgba: Pixels, kind: LogoType) -> Trace:
    """Trace a picture with the settings of a type."""
    return by_settings(rgba, preparation_for(kind, max(rgba.shape[:2])), settings_for(kind))


def defaults_prepared(rgba: Pixels) -> Trace:
    """Trace a picture with VTracer's settings after our preparation: what that alone gains."""
    preparation = preparation_for(LogoType.SIMPLE, max(rgba.shape[:2]))
    return by_settings(rgba, preparation, VTracerSettings(path_precision=8))


def basis_of(classifier: HybridClassifier, rgba: Pixels) -> LogoType:
    """Return the type whose settings the classifier advises for a picture."""
    return LogoType(classifier.classify(rgba, include_tracing=True)["tracing"]["basis"])
