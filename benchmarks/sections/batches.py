"""Measure whether a batch is faster than its pictures one by one, over HTTP and in process."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from functools import partial
from itertools import cycle, islice

import cv2

from app.classification import HybridClassifier
from benchmarks.figures import knee, ratio_of
from benchmarks.load import cycle_script
from benchmarks.pictures import FORM_TYPE, write_forms
from benchmarks.report import Goal, Plot, Section, Table
from benchmarks.trials import UNCACHED, Bench, Trials, ours, warm_up

SIZES = (1, 2, 4, 8, 16, 32)
LARGEST = SIZES[-1]
SINGLE = "one picture a call"
SPEED_UP = 1.3


def measure(bench: Bench) -> Section:
    """Measure batches of 1 to 32 pictures from one client, against single calls."""
    trials, seconds = _over_http(bench), _in_process(bench)
    ratios = {size: trials.ratio((_name(size), 1), (SINGLE, 1)) for size in SIZES}
    over_http = {size: None if r is None else r * size for size, r in ratios.items()}
    inside = {size: ratio_of(*seconds[size]) for size in SIZES}
    curves = {
        "over HTTP": [(float(size), v) for size, v in over_http.items() if v is not None],
        "classify_batch": [(float(size), v) for size, v in inside.items()],
    }
    bends = {name: knee(points) for name, points in curves.items()}
    return Section(
        "Batches",
        tables=[
            _speed_ups(over_http, inside, seconds),
            Table("knee", ("way", "at pictures"), list(bends.items())),
            trials.table("over HTTP, two workers: requests, not pictures"),
        ],
        goals=[
            Goal(f"batch of {LARGEST} over HTTP", over_http[LARGEST], ">=", SPEED_UP, " x"),
            Goal(f"classify_batch of {LARGEST}", inside[LARGEST], ">=", SPEED_UP, " x"),
        ],
        plots=[Plot("batches", "Speed of a batch", "pictures", "times as fast", curves, bends)],
        settings={"service": UNCACHED, "clients": 1, "in_process": "HybridClassifier defaults"},
        rounds={**trials.to_dict(), "in_process_seconds": {str(k): v for k, v in seconds.items()}},
    )


def _speed_ups(
    over_http: dict[int, float | None],
    inside: dict[int, float],
    seconds: dict[int, tuple[list[float], list[float]]],
) -> Table:
    rows = []
    for size in SIZES:
        alone, batch = (1000 * statistics.median(times) / LARGEST for times in seconds[size])
        rows.append((size, over_http[size], inside[size], alone, batch))
    columns = ("pictures", "over HTTP", "classify_batch", "ms a picture alone", "in a batch")
    return Table("times as fast as single calls, one client, no cache", columns, rows)


def _name(size: int) -> str:
    return f"batch of {size}"


def _over_http(bench: Bench) -> Trials:
    scripts = {SINGLE: cycle_script(bench.scratch / "every.lua", bench.pictures)}
    for size in SIZES:
        forms = write_forms(bench.scratch / "forms", bench.pictures, size)
        path = bench.scratch / f"batch-{size}.lua"
        scripts[_name(size)] = cycle_script(path, forms, "/classify/batch", FORM_TYPE)
    trials = Trials()
    for turn in range(bench.rounds):
        with ours(UNCACHED) as served:
            warm_up(served, scripts[SINGLE])
            for name in scripts if turn % 2 == 0 else reversed(scripts):
                bench.say(f"round {turn + 1}/{bench.rounds}, {name}")
                trials.add(name, 1, bench.load(served, scripts[name], 1))
    return trials


def _in_process(bench: Bench) -> dict[int, tuple[list[float], list[float]]]:
    """Return by size the seconds that the same pictures take one by one and in batches."""
    cv2.setNumThreads(1)
    classifier = HybridClassifier(enable_caching=False)
    classifier.warm_up()
    pictures = [path.read_bytes() for path in islice(cycle(bench.pictures), LARGEST)]
    seconds: dict[int, tuple[list[float], list[float]]] = {size: ([], []) for size in SIZES}
    for turn, _, size in bench.interleaved({f"in process, {size}": size for size in SIZES}):
        ways = [partial(_one_by_one, classifier), partial(_in_batches, classifier, size)]
        for number in (0, 1) if turn % 2 == 0 else (1, 0):
            began = time.perf_counter()
            ways[number](pictures)
            seconds[size][number].append(time.perf_counter() - began)
    return seconds


def _one_by_one(classifier: HybridClassifier, pictures: Sequence[bytes]) -> None:
    for data in pictures:
        classifier.classify(data)


def _in_batches(classifier: HybridClassifier, size: int, pictures: Sequence[bytes]) -> None:
    for start in range(0, len(pictures), size):
        classifier.classify_batch(pictures[start : start + size])
