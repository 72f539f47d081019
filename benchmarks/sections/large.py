"""Compare the cost of the largest pictures with a full decode of the same file by Pillow."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from functools import partial
from io import BytesIO
from pathlib import Path

from PIL import Image

from benchmarks.figures import ratio_of
from benchmarks.inprocess import classifier_of_a_worker
from benchmarks.pictures import resized
from benchmarks.report import Cell, Goal, Section, Table
from benchmarks.trials import Bench
from benchmarks.worst_case import SIDE_PX, make

JPEG_SHARE, PNG_SHARE = 0.2, 1.2


def measure(bench: Bench) -> Section:
    """Time classify() and a full decode of JPEGs and PNGs of 5000 x 5000 px."""
    classifier = classifier_of_a_worker()
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
        steps[name, "classify"] = partial(classifier.classify, data, method="ensemble")
        steps[name, "decode"] = partial(decode, data)
        if name.startswith("JPEG"):
            steps[name, "eighth"] = partial(decode, data, SIDE_PX // 8)
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


def decode(data: bytes, side_px: int | None = None) -> None:
    """Decode a picture in full, or a JPEG at a reduced size of about `side_px`."""
    with Image.open(BytesIO(data)) as file:
        if side_px:
            file.draft(None, (side_px, side_px))
        file.load()


def _section(files: dict[str, bytes], seconds: dict[str, list[float]]) -> Section:
    rows: list[list[Cell]] = []
    goals = []
    for name, data in files.items():
        whole, full = seconds[f"{name}, classify"], seconds[f"{name}, decode"]
        ratio = ratio_of(whole, full)
        steps = (whole, full, seconds.get(f"{name}, eighth"))
        # Only JPEGs can be decoded at an eighth of their size.
        milliseconds = ["-" if each is None else 1000 * statistics.median(each) for each in steps]
        rows.append([name, len(data) / 2**20, *milliseconds, ratio])
        limit = JPEG_SHARE if name.startswith("JPEG") else PNG_SHARE
        goals.append(Goal(f"{name}: classify / full decode", ratio, "<=", limit))
    columns = (
        "picture",
        "file MiB",
        "classify ms",
        "full decode ms",
        "decode by JPEG's eighths ms",
        "ratio",
    )
    title = f"{SIDE_PX} x {SIDE_PX} px at most, ensemble, one thread, no cache"
    return Section(
        "The largest pictures",
        tables=[Table(title, columns, rows)],
        goals=goals,
        settings={"threads": 1, "caching": False, "decoder": "Pillow, Image.load"},
        rounds=seconds,
    )
