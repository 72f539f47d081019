"""Run VTracer in a process of its own, with bounds on time, memory and output.

Its binding holds Python's lock while it traces and cannot be interrupted: in the caller's process
one picture of noise would stop every thread for minutes.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from signal import SIGABRT
from typing import Any

from logo_classifier.errors import ClassifierError, OutOfMemory, TooDetailed

_PROGRAM = Path(__file__).with_name("vtracer_child.py")
_TOO_LARGE, _NO_MEMORY = 3, 4
"""Exit statuses of the program, which it gives for reasons that are known."""


@dataclass(frozen=True, slots=True)
class TraceBounds:
    """What tracing one picture may take."""

    seconds: float = 10.0
    svg_bytes: int = 2 * 1024 * 1024
    memory_bytes: int = 1024 * 1024 * 1024


def convert(png: bytes, settings: Mapping[str, Any], bounds: TraceBounds) -> str:
    """Return the SVG that VTracer makes of a PNG in a process that ends at the bounds.

    The process inherits no variable and no open file, and yields to other work. Raises
    ModuleNotFoundError without VTracer, TooDetailed for a picture that exceeds the time or the
    bytes, OutOfMemory, and ClassifierError if the process fails otherwise.
    """
    found = find_spec("vtracer")
    if found is None or found.origin is None:
        raise ModuleNotFoundError(name="vtracer")
    given = {
        "packages": str(Path(found.origin).parents[1]),
        "settings": dict(settings),
        "cpu_seconds": int(bounds.seconds) + 1,
        "memory_bytes": bounds.memory_bytes,
        "svg_bytes": bounds.svg_bytes,
    }
    try:
        ended = subprocess.run(  # noqa: S603 - the program is ours, the picture is its input
            [sys.executable, "-I", "-S", str(_PROGRAM), json.dumps(given)],
            input=png,
            capture_output=True,
            timeout=max(bounds.seconds, 0.001),
            env={},
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise TooDetailed(
            f"the picture was not traced in {bounds.seconds:.1f} s: it has too much detail"
        ) from error
    if ended.returncode == _TOO_LARGE:
        raise TooDetailed(f"the drawing of the picture has more than {bounds.svg_bytes} bytes")
    if ended.returncode in (_NO_MEMORY, -SIGABRT):  # Rust aborts where memory is short
        raise OutOfMemory(f"tracing the picture needs more than {bounds.memory_bytes} bytes")
    if ended.returncode:
        said = ended.stderr.decode("utf-8", "replace")[-200:]
        raise ClassifierError(f"VTracer ended with status {ended.returncode}: {said}")
    return ended.stdout.decode("utf-8")
