"""Look at the installed packages that answers depend on."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

import cv2
from PIL import features

from logo_classifier.diagnosis.finding import Finding, Level
from logo_classifier.pictures.limits import MORE_FORMATS

_RUNTIMES = ("onnxruntime", "onnxruntime-gpu", "onnxruntime-openvino", "onnxruntime-directml")
_OTHERS = ("numpy", "opencv-python-headless", "pillow")


def examine_packages() -> Finding:
    """Tell the versions of Python, numpy, OpenCV and Pillow."""
    told = [f"Python {platform.python_version()}"]
    told += [f"{name} {found}" for name in _OTHERS if (found := _version(name))]
    return Finding("packages", Level.OK, ", ".join(told))


def examine_runtime(names: tuple[str, ...] = _RUNTIMES) -> Finding:
    """Tell the version of ONNX Runtime; two builds of it in one environment spoil each other."""
    found = [f"{name} {number}" for name in names if (number := _version(name))]
    if not found:
        return Finding("runtime", Level.FAIL, "no ONNX Runtime", "pip install onnxruntime")
    if len(found) > 1:
        cure = "uninstall all of them, then install one: they write the same files"
        return Finding("runtime", Level.FAIL, f"several: {', '.join(found)}", cure)
    return Finding("runtime", Level.OK, found[0])


def examine_formats() -> Finding:
    """Tell which formats beside PNG, JPEG, BMP and GIF this build of Pillow reads."""
    lacking = [name for name, codec in MORE_FORMATS.items() if codec and not features.check(codec)]
    reads = ", ".join(name for name in MORE_FORMATS if name not in lacking)
    if lacking:
        cure = "install Pillow from PyPI, whose wheels have these codecs"
        return Finding("formats", Level.WARN, f"Pillow lacks {', '.join(lacking)}", cure)
    return Finding("formats", Level.OK, f"PNG, JPEG, BMP, GIF; if they are asked for {reads}")


def examine_threads() -> Finding:
    """Tell how many threads OpenCV starts for one picture in this process."""
    return Finding("threads", Level.OK, f"OpenCV uses {cv2.getNumThreads()} for a picture")


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
