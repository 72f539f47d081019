"""Describe the machine and the software of a benchmark."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

from benchmarks.service import ROOT

PACKAGES = ("flask", "gunicorn", "numpy", "onnxruntime", "opencv-python-headless", "pillow")
PEER_PACKAGES = ("litserve", "bentoml", "onnxruntime", "uvicorn", "uvloop")


def describe(peers_python: Path) -> dict[str, Any]:
    """Return processor, memory, kernel, load, versions and the measured commit."""
    return {
        "cpu": cpu_model(),
        "cores": os.cpu_count(),
        "usable_cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "kernel": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": platform.python_version(),
        "load_average_at_start": [round(value, 2) for value in os.getloadavg()],
        "packages": {name: version(name) for name in PACKAGES},
        "peer_packages": _peer_versions(peers_python),
        "wrk": _first_line(["wrk", "-v"]),
        "commit": _first_line(["git", "-C", str(ROOT), "describe", "--always", "--dirty"]),
    }


def cpu_model() -> str:
    """Return the name of the processor as given by the kernel."""
    try:
        found = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    except OSError:
        found = None
    return found[1] if found else platform.processor() or platform.machine()


def _peer_versions(python: Path) -> dict[str, str]:
    names = ", ".join(map(repr, PEER_PACKAGES))
    program = f"from importlib.metadata import version\nfor n in ({names}): print(n, version(n))"
    try:
        done = subprocess.run(
            [str(python), "-c", program], capture_output=True, text=True, check=True, timeout=60
        )
    except (OSError, subprocess.SubprocessError):
        return {}
    pairs = (line.split() for line in done.stdout.splitlines())
    return {name: number for name, number in pairs}


def _first_line(command: Sequence[str]) -> str | None:
    try:  # wrk -v exits with status 1
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return next(iter(done.stdout.splitlines()), None)
