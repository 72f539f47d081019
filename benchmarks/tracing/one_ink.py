"""Trace a logo of one ink with potrace, as a program: its licence is the GPL."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Sequence
from statistics import fmean, median

import numpy as np
from numpy.typing import NDArray

from benchmarks.tracing.candidates import DEFAULTS, Trace, by_preset, by_type
from benchmarks.tracing.comparing import ratio_of_bytes
from benchmarks.tracing.logos import Logo
from benchmarks.tracing.measuring import Measures, measure
from benchmarks.tracing.reporting import table
from logo_classifier import HybridClassifier, LogoType
from logo_classifier.pictures.pixels import Pixels
from logo_classifier.vectorising.preparing import prepare
from logo_classifier.vectorising.settings import PotraceSettings, Preparation

Mask = NDArray[np.bool_]

_OTHER = 96
"""Least difference, in a channel, of a colour that is not the ink's."""


def by_potrace(rgba: Pixels, preparation: Preparation, settings: PotraceSettings) -> Trace:
    """Trace the ink of a picture in its commonest colour, over the ground of an opaque picture."""
    started = time.perf_counter()
    prepared = prepare(rgba, preparation)
    ground = None if (prepared[..., 3] == 0).any() else prepared[0, 0, :3]
    ink, colour = _ink(prepared, ground)
    options = [f"--{name}={value}" for name, value in settings.command_line().items()]
    done = subprocess.run(
        ["potrace", "--svg", "--flat", f"--color={_hex(colour)}", *options, "-"],
        input=_bitmap(ink),
        capture_output=True,
        check=True,
    )
    svg = _fitted(done.stdout.decode(), rgba, prepared, preparation.scale, ground)
    return svg, time.perf_counter() - started


def _ink(prepared: Pixels, ground: Pixels | None) -> tuple[Mask, Pixels]:
    """Return where the ink is, and its commonest colour.

    On a ground the ink is what is far from its colour. On transparency it is what is opaque and
    has about the commonest colour: another one, as of a glyph in a tile, becomes a hole.
    """
    opaque = prepared[..., 3] > 0
    if ground is not None:
        distance = _distance(prepared, ground)
        ink = np.asarray(distance > distance.max() / 2)
        return ink, _commonest(prepared[ink])
    colour = _commonest(prepared[opaque])
    return np.asarray(opaque & (_distance(prepared, colour) < _OTHER)), colour


def _distance(prepared: Pixels, colour: Pixels) -> NDArray[np.int16]:
    difference = prepared[..., :3].astype(np.int16) - colour.astype(np.int16)
    return np.asarray(np.abs(difference).max(axis=2))


def _commonest(pixels: Pixels) -> Pixels:
    kinds, counts = np.unique(pixels[:, :3], axis=0, return_counts=True)
    return np.asarray(kinds[counts.argmax()])


def _hex(colour: Pixels) -> str:
    return f"#{colour.tobytes().hex()}"


def _bitmap(ink: Mask) -> bytes:
    """Return a portable bitmap (PBM, P4)."""
    height, width = ink.shape
    return f"P4 {width} {height}\n".encode() + np.packbits(ink, axis=1).tobytes()


def _fitted(svg: str, rgba: Pixels, prepared: Pixels, scale: int, ground: Pixels | None) -> str:
    """Return potrace's SVG, whose unit is a pixel of the prepared picture, without its margin."""
    height, width = rgba.shape[:2]
    margin = (prepared.shape[1] - width * scale) // 2
    body = svg[svg.index("<g ") : svg.index("</svg>")]
    behind = "" if ground is None else f'<path fill="{_hex(ground)}" d="M0 0H9999V9999H0Z"/>'
    box = f"{margin} {margin} {width * scale} {height * scale}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="{box}">{behind}{body}</svg>'
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
            found[name].append(measure(*trace, rgba))
    head = f"The advice names potrace for {len(advised)} of these {len(logos)} logos.\n\n"
    rows = [
        [
            name,
            f"{fmean(m.ssim for m in ours):.3f}",
            f"{fmean(m.butteraugli for m in ours):.1f}",
            f"{median(m.butteraugli for m in ours):.1f}",
            f"{ratio_of_bytes(ours, found[DEFAULTS]):.2f}",
        ]
        for name, ours in found.items()
    ]
    return head + table(["way", "SSIM", "butteraugli", "median", "bytes, ratio"], rows)
