"""Measure the cost of the largest allowed pictures: time, and memory in addition to an idle worker.

    python -m benchmarks.worst_case

Each picture has 5000 x 5000 px and its own process. Flat pictures are decompression bombs: except
for BMPs and metadata, a few hundred kilobytes that decode to 25 million pixels. Linux only, because
the kernel measures the peaks (proc(5), VmHWM).
"""

from __future__ import annotations

import multiprocessing
import statistics
import struct
import time
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from benchmarks.inprocess import classifier_of_a_worker
from logo_classifier.pictures.structure import MOST

SIDE_PX = 5000
ROUNDS = 3
RARE_BITMAP = "3 bits a channel"
"""A kind that Pillow does not decode."""

MOST_SCANS = "RGB, most scans,"
"""JPEGs whose last scan is repeated up to the limit on scans."""

METADATA = "RGB, 48 MiB of Photoshop's blocks,"
"""JPEGs that are filled up to nearly the size limit with what Pillow parses most slowly."""

KINDS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("PNG", "RGB", {}),
    ("PNG", "RGBA", {}),
    ("JPEG", "RGB", {}),
    ("JPEG", MOST_SCANS, {"progressive": True}),
    ("JPEG", METADATA, {}),
    ("JPEG", "CMYK", {"progressive": True, "subsampling": 0}),
    ("GIF", "P", {}),
    ("BMP", "P", {}),
    ("BMP", RARE_BITMAP, {}),
)
_MIB = 1024 * 1024
_KIB_PER_MIB = 1024


def make(kind: tuple[str, str, dict[str, Any]], noisy: bool) -> bytes:
    """Return a picture of the largest size: a square on one colour, or on smooth noise."""
    format_name, mode, options = kind
    if mode == RARE_BITMAP:
        return make_rare_bitmap(noisy)
    if mode == MOST_SCANS:
        return repeat_scans(make((format_name, "RGB", options), noisy))
    if mode == METADATA:
        return add_metadata(make((format_name, "RGB", options), noisy))
    rng = np.random.default_rng(1)
    small = (
        rng.integers(0, 256, (50, 50, 3), np.uint8) if noisy else np.full((50, 50, 3), 255, "u1")
    )
    small[10:20, 10:20] = (200, 30, 30)
    file = BytesIO()
    Image.fromarray(small).resize((SIDE_PX, SIDE_PX)).convert(mode).save(
        file, format_name, **options
    )
    return file.getvalue()


def repeat_scans(jpeg: bytes) -> bytes:
    """Return a progressive JPEG with its last scan repeated up to the limit."""
    scan, end = b"\xff\xda", b"\xff\xd9"
    last = jpeg[jpeg.rindex(scan) : -len(end)]
    return jpeg[: -len(end)] + last * (MOST["scans"] - jpeg.count(scan)) + end


def add_metadata(jpeg: bytes) -> bytes:
    """Return a JPEG with segments of empty Photoshop image resource blocks."""
    blocks = b"Photoshop 3.0\0" + (b"8BIM\x04\x04" + bytes(6)) * 5400
    segment = b"\xff\xed" + struct.pack(">H", len(blocks) + 2) + blocks
    return jpeg[:2] + segment * (48 * _MIB // len(segment)) + jpeg[2:]


def make_rare_bitmap(noisy: bool) -> bytes:
    """Return a BMP of 16 bits per pixel with masks that Pillow does not support."""
    rng = np.random.default_rng(1)
    pixels = (
        rng.integers(0, 512, SIDE_PX * SIDE_PX, np.uint16)
        if noisy
        else np.full(SIDE_PX * SIDE_PX, 511, np.uint16)
    )
    header = struct.pack("<IiiHHIIiiII", 56, SIDE_PX, SIDE_PX, 1, 16, 3, *[0] * 5)
    body = header + struct.pack("<4I", 0x7, 0x38, 0x1C0, 0)
    start = 14 + len(body)
    return struct.pack("<2sIHHI", b"BM", start, 0, 0, start) + body + pixels.tobytes()


def peak_mib() -> float:
    """Return the peak memory of this process in MiB since the last reset."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / _KIB_PER_MIB


def measure(data: bytes) -> tuple[float, float]:
    """Return seconds and peak MiB above the idle classifier for one picture, including its file."""
    classifier = classifier_of_a_worker()
    Path("/proc/self/clear_refs").write_text("5")  # resets the peak
    idle_mib = peak_mib()
    began = time.perf_counter()
    classifier.classify(data, method="ensemble")
    seconds = time.perf_counter() - began
    return seconds, peak_mib() - idle_mib + len(data) / _MIB


def main() -> None:
    """Print one row per kind of picture."""
    print(f"{'picture':42}{'file MiB':>10}{'median s':>10}{'most MiB':>10}")
    with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
        for kind in KINDS:
            for noisy in (False, True):
                data = make(kind, noisy)
                rows = pool.map(measure, [data] * ROUNDS, chunksize=1)
                seconds, peaks = zip(*rows, strict=True)
                name = " ".join([*kind[:2], *kind[2], "noise" if noisy else "flat"])
                print(
                    f"{name:42}{len(data) / _MIB:>10.2f}"
                    f"{statistics.median(seconds):>10.2f}{max(peaks):>10.0f}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
