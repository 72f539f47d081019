"""Settings are valid for the tracers, whatever was asked for."""

from __future__ import annotations

import subprocess
from typing import Any

import pytest
import vtracer

from logo_classifier.vectorising.settings import PotraceSettings, Preparation, VTracerSettings
from tests.logo_classifier.vectorising.drawn import png

HUGE: dict[str, Any] = {
    "filter_speckle": 99,
    "color_precision": 99,
    "layer_difference": 999,
    "corner_threshold": 400,
    "length_threshold": 99.0,
    "splice_threshold": 400,
    "path_precision": 99,
}


def test_what_is_out_of_range_is_clamped() -> None:
    highest = VTracerSettings(**HUGE).python()
    lowest = VTracerSettings(**dict.fromkeys(HUGE, -5)).python()

    assert [highest[name] for name in HUGE] == [16, 8, 255, 180, 10.0, 180, 8]
    assert [lowest[name] for name in HUGE] == [0, 1, 0, 0, 3.5, 0, 0]
    assert Preparation(scale=0, alpha_threshold=0, margin_px=-1) == Preparation(1, 1, 0)
    assert Preparation(scale=99, alpha_threshold=999, margin_px=99) == Preparation(8, 255, 8)


@pytest.mark.parametrize("wanted", [{}, HUGE, dict.fromkeys(HUGE, -5)])
def test_the_python_binding_takes_them(wanted: dict[str, Any]) -> None:
    settings = VTracerSettings(**wanted)

    svg = vtracer.convert_raw_image_to_svg(png(), img_format="png", **settings.python())

    assert "<path" in svg


def test_the_command_line_has_its_own_names() -> None:
    settings = VTracerSettings(layer_difference=12, length_threshold=5.0)

    given = settings.command_line()

    assert given["gradient_step"] == 12
    assert given["segment_length"] == 5.0
    assert {"layer_difference", "length_threshold", "max_iterations"}.isdisjoint(given)


@pytest.mark.parametrize(
    "settings", [PotraceSettings(), PotraceSettings(-1, -1, -1), PotraceSettings(10**9, 9, 9)]
)
def test_potrace_takes_them(settings: PotraceSettings, potrace: str) -> None:
    options = [f"--{name}={value}" for name, value in settings.command_line().items()]
    bitmap = b"P1 4 4 0110 1111 1111 0110"

    done = subprocess.run(
        [potrace, "--svg", *options, "-"], input=bitmap, capture_output=True, check=False
    )

    assert done.returncode == 0, done.stderr
    assert b"<svg" in done.stdout
