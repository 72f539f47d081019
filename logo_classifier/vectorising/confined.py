"""Run VTracer in a process of its own, with bounds on time, memory and output.

Its binding holds Python's lock while it traces and cannot be interrupted: in the caller's process
one picture of noise would stop every thread for minutes.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from signal import SIGABRT, SIGKILL
from subprocess import PIPE, Popen
from threading import Timer
from typing import IO, Any, cast

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
    status, out, said = _run(json.dumps(given), png, bounds.seconds)
    if status == -SIGKILL:
        raise TooDetailed(
            f"the picture was not traced in {bounds.seconds:.1f} s: it has too much detail"
        )
    if status == _TOO_LARGE:
        raise TooDetailed(f"the drawing of the picture has more than {bounds.svg_bytes} bytes")
    if status in (_NO_MEMORY, -SIGABRT):  # Rust aborts where memory is short
        raise OutOfMemory(f"tracing the picture needs more than {bounds.memory_bytes} bytes")
    if status:
        last = said.decode("utf-8", "replace")[-200:]
        raise ClassifierError(f"VTracer ended with status {status}: {last}")
    return out.decode("utf-8")


def _run(given: str, png: bytes, seconds: float) -> tuple[int, bytes, bytes]:
    """Return the exit status and what the program wrote; it is killed when its time is over."""
    command = [sys.executable, "-I", "-S", str(_PROGRAM), given]
    with Popen(command, env={}, stdin=PIPE, stdout=PIPE, stderr=PIPE) as process:  # noqa: S603
        # Not communicate(): in a thread of a worker that gevent patched, its selector waits for
        # ever. The program reads all before it writes, so plain calls cannot lock each other.
        pipes = (process.stdin, process.stdout, process.stderr)
        to_it, from_it, its_errors = (cast(IO[bytes], pipe) for pipe in pipes)
        timer = Timer(max(seconds, 0), process.kill)
        timer.start()
        try:
            with suppress(BrokenPipeError), to_it:  # it has ended; its status says why
                to_it.write(png)
            out, said = from_it.read(), its_errors.read()
        finally:
            timer.cancel()
    return process.returncode, out, said
