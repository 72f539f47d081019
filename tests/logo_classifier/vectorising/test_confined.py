"""VTracer in a process of its own ends at its bounds, and takes nothing along."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import psutil
import pytest

from logo_classifier import ClassifierError, LogoType, OutOfMemory, TooDetailed, TraceBounds
from logo_classifier.vectorising import confined
from logo_classifier.vectorising.advice import settings_for
from logo_classifier.vectorising.confined import convert
from tests.logo_classifier.vectorising.drawn import disc, png

SETTINGS = settings_for(LogoType.GRADIENT).python()
SPY = """import json, os, sys
json.dump([dict(os.environ), os.listdir("/proc/self/fd")], sys.stdout)
"""


def noise(side_px: int) -> bytes:
    return png(np.random.default_rng(0).integers(0, 256, (side_px, side_px, 3), np.uint8))


def test_a_picture_is_traced() -> None:
    assert convert(png(disc(96)), SETTINGS, TraceBounds()).rstrip().endswith("</svg>")


def test_a_process_that_ends_before_it_has_read_all_is_no_broken_pipe() -> None:
    with pytest.raises(TooDetailed):
        convert(noise(1200), SETTINGS, TraceBounds(seconds=0))


def test_noise_ends_with_its_time_and_leaves_no_process() -> None:
    before = psutil.Process().children()

    with pytest.raises(TooDetailed, match=r"not traced in 0\.5 s"):
        convert(noise(1200), SETTINGS, TraceBounds(seconds=0.5))

    assert psutil.Process().children() == before


def test_a_drawing_of_more_bytes_is_refused() -> None:
    with pytest.raises(TooDetailed, match="more than 64 bytes"):
        convert(png(disc(96)), SETTINGS, TraceBounds(svg_bytes=64))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the address space")
def test_a_picture_that_needs_more_memory_is_refused() -> None:
    with pytest.raises(OutOfMemory, match="more than 50000000 bytes"):
        convert(png(disc(3000)), SETTINGS, TraceBounds(memory_bytes=50_000_000))


def test_a_program_that_fails_is_an_error_of_the_inside() -> None:
    with pytest.raises(ClassifierError, match="VTracer ended with status 1") as caught:
        convert(b"no picture", SETTINGS, TraceBounds())

    assert type(caught.value) is ClassifierError


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_process_gets_no_variable_and_no_open_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spy = tmp_path / "spy.py"
    spy.write_text(SPY)
    monkeypatch.setattr(confined, "_PROGRAM", spy)
    monkeypatch.setenv("LOGO_API_KEYS", "hush-hush-hush-hush")
    held = os.open(spy, os.O_RDONLY)

    told = convert(png(), SETTINGS, TraceBounds())

    os.close(held)
    assert "hush" not in told
    assert str(held) not in told.partition("[")[2].split('"')
