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


def grid() -> Iterator[VTracerSettings]:
    """Yield the settings that are tried."""
    for speckle, precision, layers in product((4, 8, 14), (7, 8), (8, 24)):
        yield VTracerSettings(
            filter_speckle=speckle,
            color_precision=precision,
            layer_difference=layers,
            corner_threshold=45,
            length_threshold=10,
            path_precision=0,
        )


def choose_settings(logos: Sequence[Logo], kind: LogoType) -> VTracerSettings:
    """Return the settings of the least mean butteraugli distance within the bytes of a type.

    Prints each trial. Settings that are worse than the defaults by a sign test do not count.
    Raises ValueError if none is left.
    """
    mine = [logo for logo in logos if logo.logo_type is kind]
    theirs = [measure(*by_preset(DEFAULTS, logo.rgba), logo.rgba) for logo in mine]
    _print(kind, "defaults", theirs, theirs)
    best: tuple[float, VTracerSettings] | None = None
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
        distance = fmean(each.butteraugli for each in ours)
        if not worse and ratio_of_bytes(ours, theirs) <= MOST_BYTES[kind]:
            best = min(best or (distance, settings), (distance, settings), key=lambda it: it[0])
    if best is None:
        raise ValueError(f"no settings are good enough for {kind}")
    return best[1]


_COMPARISONS = (compare_ssim, compare_butteraugli)


def _print(kind: str, name: str, ours: Sequence[Measures], theirs: Sequence[Measures]) -> None:
    print(
        f"{kind:8} ssim {fmean(m.ssim for m in ours):.4f} "
        f"butteraugli {fmean(m.butteraugli for m in ours):6.2f} "
        f"bytes {ratio_of_bytes(ours, theirs):.2f} "
        f"seconds {fmean(m.seconds for m in ours):.3f} {name}",
        flush=True,
    )
