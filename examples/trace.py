"""Trace a logo: ask what it is and how to trace it, then trace it so.

Run `.venv/bin/python -m examples.trace logo.png logo.svg`. It needs the extra `trace` of the
library: `pip install '.[trace]'`.
"""

from __future__ import annotations

import sys
from pathlib import Path

from logo_classifier import HybridClassifier, trace


def main(picture: str, drawing: str) -> None:
    """Write the trace of a picture; say why it was traced so, and with what."""
    tracing = HybridClassifier().classify(picture, include_tracing=True)["tracing"]
    try:
        svg = trace(picture, tracing["basis"])
    except ModuleNotFoundError as error:  # VTracer is an extra
        sys.exit(str(error))
    Path(drawing).write_text(svg, encoding="utf-8")
    print(tracing["why"])
    print(f"VTracer's settings: {tracing['vtracer']['python']}")
    print(f"{drawing}: {len(svg)} bytes, {svg.count('<path')} paths")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: python -m examples.trace PICTURE DRAWING.svg")
    main(*sys.argv[1:])
