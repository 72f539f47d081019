"""Trace a logo of one ink with potrace, as a program: its licence is the GPL."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Sequence
from statistics import fmean

import numpy as np

from benchmarks.tracing.candidates import DEFAULTS, Trace, by_preset, by_type
from benchmarks.tracing.comparing import ratio_of_bytes
from benchmarks.tracing.logos import Logo
from benchmarks.tracing.measuring import Measures, measure
from benchmarks.tracing.reporting import table
from logo_classifier import HybridClassifier, LogoType
from logo_classifier.pictures.pixels import Pixels
from logo_classifier.vectorising.preparing import prepare
from logo_classifier.vectorising.settings import PotraceSettings, Preparation


def by_potrace(rgba: Pixels, preparation: Preparation, settings: PotraceSettings) -> Trace:
    """Trace the ink of a picture in its commonest colour."""
    started = time.perf_counter()
    prepared = prepare(rgba, preparation)
    ink = _ink(prepared)
    colours = prepared[ink][:, :3]
    kinds, counts = np.unique(colours, axis=0, return_counts=True)
    red, green, blue = kinds[counts.argmax()]
    options = [f"--{name}={value}" for name, value in settings.command_line().items()]
    done = subprocess.run(
        ["potrace", "--svg", "--flat", f"--color=#{red:02x}{green:02x}{blue:02x}", *options, "-"],
        input=_bitmap(ink),
        capture_output=True,
        check=True,
    )
    return _fitted(done.stdout.decode(), rgba, prepared, preparation.scale), (
        time.perf_counter() - started
    )


def _ink(prepared: Pixels) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Return where the ink is: what is opaque, or else far from the colour of the corner."""
    opaque = prepared[..., 3] > 0
    if not opaque.all():
        return np.asarray(opaque)
    distance = np.abs(prepared[..., :3].astype(np.int16) - prepared[0, 0, :3]).max(axis=2)
    return np.asarray(distance > distance.max() / 2)


def _bitmap(ink: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> bytes:
    """Return a portable bitmap (PBM, P4)."""
    height, width = ink.shape
    return f"P4 {width} {height}\n".encode() + np.packbits(ink, axis=1).tobytes()


def _fitted(svg: str, rgba: Pixels, prepared: Pixels, scale: int) -> str:
    """Return potrace's SVG, whose unit is a pixel of the prepared picture, without its margin."""
    height, width = rgba.shape[:2]
    margin = (prepared.shape[1] - width * scale) // 2
    body = svg[svg.index("<g ") : svg.index("</svg>")]
    box = f"{margin} {margin} {width * scale} {height * scale}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="{box}">{body}</svg>'
    )


def one_ink_table(logos: Sequence[Logo], classifier: HybridClassifier) -> str:
    """Return the measures of potrace beside VTracer where the advice names potrace."""
    advised = [
        (logo, advice)
        for logo in logos
        if "potrace" in (advice := classifier.classify(logo.rgba, include_tracing=True)["tracing"])
    ]
    found: dict[str, list[Measures]] = {DEFAULTS: [], "VTracer, ours": [], "potrace, ours": []}
    for logo, advice in advised:
        rgba = logo.rgba
        preparation = Preparation(**advice["prepare"])
        settings = PotraceSettings(**advice["potrace"]["command_line"])
        for name, trace in zip(
            found,
            (
                by_preset(DEFAULTS, rgba),
                by_type(rgba, LogoType(advice["basis"])),
                by_potrace(rgba, preparation, settings),
            ),
            strict=True,
        ):
            # It draws the ink alone, so a picture with a ground is compared on white.
            found[name].append(measure(*trace, rgba, opaque=int(rgba[..., 3].min()) == 255))
    head = f"The advice names potrace for {len(advised)} of these {len(logos)} logos.\n\n"
    rows = [
        [
            name,
            f"{fmean(m.ssim for m in ours):.3f}",
            f"{fmean(m.butteraugli for m in ours):.1f}",
            f"{ratio_of_bytes(ours, found[DEFAULTS]):.2f}",
        ]
        for name, ours in found.items()
    ]
    return head + table(["way", "SSIM", "butteraugli", "bytes, ratio"], rows)
