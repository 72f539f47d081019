"""Packages are told with their versions."""

from __future__ import annotations

from importlib.metadata import version

from logo_classifier import Level
from logo_classifier.diagnosis.packages import (
    examine_formats,
    examine_packages,
    examine_runtime,
    examine_threads,
)


def test_the_versions_that_answers_depend_on_are_told() -> None:
    told = examine_packages().detail

    assert f"numpy {version('numpy')}" in told
    assert f"pillow {version('pillow')}" in told


def test_one_runtime_is_good_and_none_or_two_are_not() -> None:
    one = examine_runtime(("onnxruntime", "onnxruntime-nowhere"))
    none = examine_runtime(("onnxruntime-nowhere",))
    two = examine_runtime(("onnxruntime", "numpy"))  # any two packages that are installed

    assert (one.level, one.detail) == (Level.OK, f"onnxruntime {version('onnxruntime')}")
    assert (none.level, none.cure) == (Level.FAIL, "pip install onnxruntime")
    assert two.level is Level.FAIL
    assert two.detail.startswith("several: onnxruntime ")


def test_pillows_wheels_have_all_codecs() -> None:
    assert examine_formats().level is Level.OK


def test_the_threads_of_opencv_are_told() -> None:
    assert "OpenCV uses" in examine_threads().detail
