"""Hold the cost of the largest pictures against a full decode of the same file by Pillow."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from functools import partial
from io import BytesIO
from pathlib import Path

import cv2
from PIL import Image

from app.classification import HybridClassifier
from benchmarks.figures import ratio_of
from benchmarks.pictures import resized
from benchmarks.report import Cell, Goal, Section, Table
from benchmarks.trials import Bench
from benchmarks.worst_case import SIDE_PX, make

JPEG_SHARE, PNG_SHARE = 0.2, 1.2


def measure(bench: Bench) -> Section:
    """Time the classify path and a full decode in turn, JPEG and PNG of 5000 x 5000 px."""
    cv2.setNumThreads(1)
    classifier = HybridClassifier(enable_caching=False)
    classifier.warm_up()
    bench.say("making the pictures")
    files = {
        f"{kind}, {content}": data
        for kind in ("JPEG", "PNG")
        for content, data in (
            ("flat", make((kind, "RGB", {}), noisy=False)),
            ("noise", make((kind, "RGB", {}), noisy=True)),
            ("logo", resized(_squarest(bench), SIDE_PX, kind)),
        )
    }
    steps: dict[tuple[str, str], Callable[[], object]] = {}
    for name, data in files.items():
        steps[name, "classify"] = partial(classifier.classify, data)
        steps[name, "decode"] = partial(decode_whole, data)
    seconds: dict[str, list[float]] = {}
    labelled = {f"{name}, {step}": work for (name, step), work in steps.items()}
    for _, name, work in bench.interleaved(labelled):
        began = time.perf_counter()
        work()
        seconds.setdefault(name, []).append(time.perf_counter() - began)
    return _section(files, seconds)


def _squarest(bench: Bench) -> Path:
    def wideness(path: Path) -> float:
        with Image.open(path) as file:
            return max(file.size) / min(file.size)

    return min(bench.pictures, key=wideness)


def decode_whole(data: bytes) -> None:
    """Decode every pixel, as it is stored."""
    with Image.open(BytesIO(data)) as file:
        file.load()


def _section(files: dict[str, bytes], seconds: dict[str, list[float]]) -> Section:
    rows: list[list[Cell]] = []
    goals = []
    for name, data in files.items():
        classify, decode = seconds[f"{name}, classify"], seconds[f"{name}, decode"]
        ratio = ratio_of(classify, decode)
        milliseconds = [1000 * statistics.median(times) for times in (classify, decode)]
        rows.append([name, len(data) / 2**20, *milliseconds, ratio])
        limit = JPEG_SHARE if name.startswith("JPEG") else PNG_SHARE
        goals.append(Goal(f"{name}: classify / full decode", ratio, "<=", limit))
    columns = ("picture", "file MiB", "classify ms", "full decode ms", "ratio")
    title = f"{SIDE_PX} x {SIDE_PX} px at most, one thread, no cache"
    return Section(
        "The largest pictures",
        tables=[Table(title, columns, rows)],
        goals=goals,
        settings={"threads": 1, "caching": False, "decoder": "Pillow, Image.load"},
        rounds=seconds,
    )
