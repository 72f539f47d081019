"""Choose the settings of each type on pictures of `train`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from statistics import fmean

from benchmarks.tracing.candidates import DEFAULTS, by_preset, by_settings
from benchmarks.tracing.comparing import compare_butteraugli, compare_ssim, ratio_of_bytes
from benchmarks.tracing.logos import Logo
from benchmarks.tracing.measuring import Measures, measure
from logo_classifier import LogoType
from logo_classifier.vectorising.advice import preparation_for
from logo_classifier.vectorising.settings import VTracerSettings

MOST_BYTES = {
    LogoType.SIMPLE: 0.7,
    LogoType.TEXT: 0.7,
    LogoType.COMPLEX: 1.0,
    LogoType.GRADIENT: 1.5,
}
"""The most bytes that the settings of a type may cost, as a ratio to the defaults."""

CLOSE = 1.02
"""Distances of which the larger is at most so many times the smaller are taken for the same."""


def grid() -> Iterator[VTracerSettings]:
    """Yield the settings that are tried."""
    for speckle, layers in product((4, 8, 14), (8, 24)):
        yield VTracerSettings(
            filter_speckle=speckle,
            color_precision=8,
            layer_difference=layers,
            corner_threshold=45,
            length_threshold=10,
            path_precision=0,
        )


def choose_settings(logos: Sequence[Logo], kind: LogoType) -> VTracerSettings:
    """Return the cheapest settings whose mean butteraugli distance is nearly the least.

    Prints each trial. Nearly is within `CLOSE`, among those within the bytes of the type. What is
    worse than the defaults by a sign test does not count.
    Raises ValueError if none is left.
    """
    mine = [logo for logo in logos if logo.logo_type is kind]
    theirs = [measure(*by_preset(DEFAULTS, logo.rgba), logo.rgba) for logo in mine]
    _print(kind, "defaults", theirs, theirs)
    good: list[tuple[float, float, VTracerSettings]] = []
    for settings in grid():
        ours = [
            measure(
                *by_settings(logo.rgba, preparation_for(kind, max(logo.rgba.shape[:2])), settings),
                logo.rgba,
            )
            for logo in mine
        ]
        _print(kind, str(settings), ours, theirs)
        worse = "worse" in {compare(ours, theirs).says for compare in _COMPARISONS}
        ratio = ratio_of_bytes(ours, theirs)
        if not worse and ratio <= MOST_BYTES[kind]:
            good.append((ratio, fmean(each.butteraugli for each in ours), settings))
    if not good:
        raise ValueError(f"no settings are good enough for {kind}")
    least = min(distance for _, distance, _ in good)
    return min((t for t in good if t[1] <= least * CLOSE), key=lambda trial: trial[0])[2]


_COMPARISONS = (compare_ssim, compare_butteraugli)


def _print(kind: str, name: str, ours: Sequence[Measures], theirs: Sequence[Measures]) -> None:
    print(
        f"{kind:8} ssim {fmean(m.ssim for m in ours):.4f} "
        f"butteraugli {fmean(m.butteraugli for m in ours):6.2f} "
        f"bytes {ratio_of_bytes(ours, theirs):.2f} "
        f"seconds {fmean(m.seconds for m in ours):.3f} {name}",
        flush=True,
    )
