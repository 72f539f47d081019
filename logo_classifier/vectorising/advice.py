"""Advise how to trace a logo: by its type, what else it may be, its size and its colours.

The settings were chosen on pictures of the split `train` by `python -m benchmarks.tracing choose`;
what they gain on `bench` is in docs/tracing.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from logo_classifier.values import Classification, LogoType
from logo_classifier.vectorising.settings import (
    POTRACE_DIALECT,
    VTRACER_DIALECT,
    PotraceSettings,
    Preparation,
    VTracerSettings,
)

VERSION = "1"
"""The version of the table below and of the rules around it."""

DEMAND = (LogoType.SIMPLE, LogoType.TEXT, LogoType.COMPLEX, LogoType.GRADIENT)
"""The types from the least to the most that a trace must keep: fades need the finest layers."""


def _settings(filter_speckle: int, layer_difference: int) -> VTracerSettings:
    """Return settings for enlarged pictures, in which eight bits keep the steps of a fade apart."""
    return VTracerSettings(
        filter_speckle=filter_speckle,
        color_precision=8,
        layer_difference=layer_difference,
        corner_threshold=45,
        length_threshold=10,
        path_precision=0,
    )


ENLARGED = ((96, 4), (300, 3), (1000, 2))
"""By how much a picture is enlarged: a longest side of up to so many pixels, so many times."""

BY_TYPE: Mapping[LogoType, VTracerSettings] = {
    LogoType.SIMPLE: _settings(filter_speckle=14, layer_difference=8),
    LogoType.TEXT: _settings(filter_speckle=14, layer_difference=24),
    LogoType.COMPLEX: _settings(filter_speckle=14, layer_difference=24),
    LogoType.GRADIENT: _settings(filter_speckle=8, layer_difference=8),
}

ONE_INK_SHARE = 0.97
"""Share of the smooth ink that one colour takes where a single ink suffices."""


@dataclass(frozen=True, slots=True)
class TracingAdvice:
    """How to trace one logo. `basis` is the type whose settings these are.

    `potrace` is None where one ink does not suffice.
    """

    basis: LogoType
    why: str
    preparation: Preparation
    vtracer: VTracerSettings
    potrace: PotraceSettings | None

    def to_dict(self) -> dict[str, Any]:
        """Return a new JSON-ready dict; each tracer's dialect stands beside its settings."""
        told: dict[str, Any] = {
            "version": VERSION,
            "basis": self.basis.value,
            "why": self.why,
            "prepare": self.preparation.to_dict(),
            "vtracer": {
                "dialect": VTRACER_DIALECT,
                "python": self.vtracer.python(),
                "command_line": self.vtracer.command_line(),
            },
        }
        if self.potrace:
            settings = self.potrace.command_line()
            told["potrace"] = {"dialect": POTRACE_DIALECT, "command_line": settings}
        return told


def advise(answer: Classification) -> TracingAdvice:
    """Return how to trace the logo of an answer; a pure function of it.

    The settings are those of the most demanding type that the answer does not rule out: too fine
    settings cost bytes, too coarse ones lose what is drawn.
    """
    possible = {answer.verdict.logo_type, *answer.prediction_set}
    basis = max(possible, key=DEMAND.index)
    longest_px = max(answer.image.width, answer.image.height)
    preparation = preparation_for(basis, longest_px)
    one_ink = basis in (LogoType.SIMPLE, LogoType.TEXT) and (
        answer.features.values.get("top_color_share", 0.0) >= ONE_INK_SHARE
    )
    potrace = PotraceSettings(turdsize=2 * preparation.scale**2) if one_ink else None
    return TracingAdvice(
        basis,
        _why(answer, basis, preparation.scale, one_ink),
        preparation,
        settings_for(basis),
        potrace,
    )


def preparation_for(basis: LogoType, longest_px: int) -> Preparation:
    """Return how to prepare a picture whose longest side has so many pixels.

    Fades become more layers as they are enlarged, and dearer than they become better.
    """
    scale = next((scale for most_px, scale in ENLARGED if longest_px <= most_px), 1)
    if basis is LogoType.GRADIENT and scale > 2:
        scale -= 1
    return Preparation(scale)


def settings_for(basis: LogoType) -> VTracerSettings:
    """Return the settings of a type for a prepared picture."""
    return BY_TYPE[basis]


def _why(answer: Classification, basis: LogoType, scale: int, one_ink: bool) -> str:
    kind = answer.verdict.logo_type
    said = f"The logo is {kind.value}"
    if basis is not kind:
        said += f", but may be {basis.value}, which asks more of a tracer"
    said += f": {_REASONS[basis]}."
    if scale > 1:
        said += f" Enlarged {scale} times, its curves can be placed between its pixels."
    if one_ink:
        said += " Its ink has one colour, so potrace can draw the ink alone."
    return said


_REASONS: Mapping[LogoType, str] = {
    LogoType.SIMPLE: "a few flat shapes, drawn with few curves",
    LogoType.TEXT: "letters with sharp corners, whose soft edges need no layers",
    LogoType.COMPLEX: "many parts, whose soft edges need no layers",
    LogoType.GRADIENT: "smooth fades, drawn in thin layers",
}
