"""Search the costliest pictures that are allowed: time, and memory in addition to an idle worker.

    python -m benchmarks.worst_case [WORD ...]

All formats that can be accepted, at all depths, with what makes each costly: decompression
bombs, interlacing, scans, run lengths, metadata, orientation, a first frame that is smaller than
its canvas. Each picture has 5000 x 5000 px and its own process; seconds are of one core. Words
choose the rows that hold them all. Linux only, because the kernel measures the peaks (proc(5),
VmHWM).
"""

from __future__ import annotations

import multiprocessing
import sys
import time
from pathlib import Path

from benchmarks.costly_kinds import KINDS
from benchmarks.costly_pictures import SIDE_PX, make
from benchmarks.inprocess import classifier_of_a_worker
from logo_classifier import InvalidImage, Limits

__all__ = ["SIDE_PX", "make"]

FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP", "AVIF", "TIFF", "ICO")
_MIB = 1024 * 1024
_KIB_PER_MIB = 1024


def peak_mib() -> float:
    """Return the peak memory of this process in MiB since the last reset."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / _KIB_PER_MIB


def measure(data: bytes) -> tuple[float, float, str]:
    """Return seconds, peak MiB above the idle classifier with the file, and the outcome."""
    classifier = classifier_of_a_worker(Limits(formats=FORMATS))
    Path("/proc/self/clear_refs").write_text("5")  # resets the peak
    idle_mib = peak_mib()
    began = time.process_time()
    try:
        outcome = str(classifier.classify(data, method="ensemble")["logo_type"])
    except InvalidImage as error:
        outcome = error.kind
    seconds = time.process_time() - began
    return seconds, peak_mib() - idle_mib + len(data) / _MIB, outcome


def main() -> None:
    """Print one row per kind of picture, then the worst of all."""
    chosen = [name for name in KINDS if all(word in name for word in sys.argv[1:])]
    print(f"{'picture':48}{'file MiB':>10}{'CPU s':>10}{'most MiB':>10}  outcome")
    worst_seconds, worst_mib = (0.0, ""), (0.0, "")
    with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
        for name in chosen:
            data = KINDS[name]()
            seconds, most, outcome = pool.apply(measure, (data,))
            worst_seconds = max(worst_seconds, (seconds, name))
            worst_mib = max(worst_mib, (most, name))
            print(
                f"{name:48}{len(data) / _MIB:>10.2f}{seconds:>10.2f}{most:>10.0f}  {outcome}",
                flush=True,
            )
    print(f"worst: {worst_seconds[0]:.2f} s ({worst_seconds[1]})")
    print(f"worst: {worst_mib[0]:.0f} MiB ({worst_mib[1]})")


if __name__ == "__main__":
    main()
