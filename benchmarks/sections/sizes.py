"""Measure how the time of a picture scales with its size."""

from __future__ import annotations

import statistics
import time

from benchmarks.figures import knee
from benchmarks.inprocess import classifier_of_a_worker
from benchmarks.pictures import resized
from benchmarks.report import Plot, Section, Table
from benchmarks.trials import Bench

SIDES_PX = (64, 128, 256, 384, 512, 1024, 2048, 3500, 5000)
FORMATS = ("PNG", "JPEG")
LOGOS = 4

Key = tuple[str, int]


def measure(bench: Bench) -> Section:
    """Time classify() in process by rules and network on the same logos at each size."""
    classifier = classifier_of_a_worker()
    bench.say("making the pictures")
    logos = bench.pictures[:LOGOS]
    files: dict[Key, list[bytes]] = {
        (kind, side): [resized(path, side, kind) for path in logos]
        for kind in FORMATS
        for side in SIDES_PX
    }
    seconds: dict[Key, list[float]] = {key: [] for key in files}
    named = {f"{kind}, {side} px": (kind, side) for kind, side in files}
    for _, _, key in bench.interleaved(named):
        began = time.perf_counter()
        for data in files[key]:
            classifier.classify(data, method="ensemble")
        seconds[key].append((time.perf_counter() - began) / len(logos))
    means = {key: sum(map(len, group)) / len(group) for key, group in files.items()}
    return _section(seconds, means, len(logos))


def _section(seconds: dict[Key, list[float]], means: dict[Key, float], logos: int) -> Section:
    medians = {key: 1000 * statistics.median(times) for key, times in seconds.items()}
    curves = {kind: [(float(side), medians[kind, side]) for side in SIDES_PX] for kind in FORMATS}
    bends = {kind: knee(points, log_y=True) for kind, points in curves.items()}
    rows = [
        (
            side,
            *(medians[kind, side] for kind in FORMATS),
            *(means[kind, side] / 1024 for kind in FORMATS),
        )
        for side in SIDES_PX
    ]
    columns = ("longest side px", "PNG ms", "JPEG ms", "PNG KiB", "JPEG KiB")
    return Section(
        "Growth with the size of a picture",
        tables=[
            Table(f"classify() of {logos} logos, ensemble, one thread, no cache", columns, rows),
            Table("knee of the time", ("format", "at px"), list(bends.items())),
        ],
        plots=[Plot("sizes", "Time by longest side", "px", "ms", dict(curves), bends, log_y=True)],
        settings={"threads": 1, "caching": False, "logos": logos},
        rounds={
            **{f"{kind}, {side} px": times for (kind, side), times in seconds.items()},
            "knees": bends,
        },
    )
