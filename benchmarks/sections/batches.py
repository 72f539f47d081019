"""Measure whether a batch is faster than single requests, over HTTP and in process.

One client sends the same 32 pictures in both ways, with sequential requests.
"""

from __future__ import annotations

import json
import statistics
import time
import urllib.request
from collections.abc import Callable, Sequence
from functools import partial
from http.client import HTTPException
from itertools import cycle, islice
from pathlib import Path

from benchmarks.figures import knee, ratio_of
from benchmarks.inprocess import classifier_of_a_worker
from benchmarks.load import TIMEOUT_SECONDS, Unreadable
from benchmarks.pictures import FORM_TYPE, write_forms
from benchmarks.report import Goal, Plot, Section, Table
from benchmarks.service import open_local
from benchmarks.trials import UNCACHED, Bench, ours
from logo_classifier import HybridClassifier

SIZES = (1, 2, 4, 8, 16, 32)
LARGEST = SIZES[-1]
SPEED_UP = 1.3

Way = Callable[[], None]
Times = dict[int, tuple[list[float], list[float]]]
"""From the size of a batch to the seconds of all pictures, singly and in batches, by round."""


def measure(bench: Bench) -> Section:
    """Compare batches of 1 to 32 pictures with single calls."""
    pictures = list(islice(cycle(bench.pictures), LARGEST))
    ways = {
        "over HTTP": _over_http(bench, pictures),
        "classify_batch": _in_process(bench, pictures),
    }
    faster = {way: {size: ratio_of(*times[size]) for size in SIZES} for way, times in ways.items()}
    curves = {
        way: [(float(size), ratio) for size, ratio in ratios.items()]
        for way, ratios in faster.items()
    }
    bends = {way: knee(points) for way, points in curves.items()}
    return Section(
        "Batches",
        tables=[
            *(_table(way, times, faster[way]) for way, times in ways.items()),
            Table("knee", ("way", "at pictures"), list(bends.items())),
        ],
        goals=[
            Goal(f"{way}, batch of {LARGEST}", ratios[LARGEST], ">=", SPEED_UP, " x")
            for way, ratios in faster.items()
        ],
        plots=[Plot("batches", "Speed of a batch", "pictures", "times as fast", curves, bends)],
        settings={"service": UNCACHED, "clients": 1, "in_process": "HybridClassifier defaults"},
        rounds={way: {str(k): v for k, v in times.items()} for way, times in ways.items()},
    )


def _table(way: str, times: Times, faster: dict[int, float]) -> Table:
    rows = []
    for size in SIZES:
        alone, batch = (1000 * statistics.median(seconds) / LARGEST for seconds in times[size])
        rows.append((size, alone, batch, faster[size]))
    columns = ("pictures", "ms a picture alone", "ms in a batch", "times as fast")
    return Table(f"{way}, one client, no cache", columns, rows)


def _timed(bench: Bench, name: str, ways: dict[int, tuple[Way, Way]]) -> Times:
    """Time single calls and batches of each size; the order alternates between rounds."""
    times: Times = {size: ([], []) for size in ways}
    named = {f"{name}, {size}": size for size in ways}
    for turn, _, size in bench.interleaved(named):
        for number in (0, 1) if turn % 2 == 0 else (1, 0):
            began = time.perf_counter()
            ways[size][number]()
            times[size][number].append(time.perf_counter() - began)
    return times


def _over_http(bench: Bench, pictures: Sequence[Path]) -> Times:
    bodies = [path.read_bytes() for path in pictures]
    with ours(UNCACHED) as served:
        single = partial(_post_all, served.address + "/classify", "image/png", bodies)
        ways: dict[int, tuple[Way, Way]] = {}
        for size in SIZES:
            paths = write_forms(bench.scratch / "forms", pictures, size)
            forms = [path.read_bytes() for path in paths]
            batch = partial(_post_all, served.address + "/classify/batch", FORM_TYPE, forms)
            ways[size] = (single, batch)
        for _ in range(3):  # warm up both workers
            single()
        return _timed(bench, "over HTTP", ways)


def _post_all(address: str, content_type: str, bodies: Sequence[bytes]) -> None:
    """Post bodies sequentially; raise Unreadable if a picture fails."""
    for body in bodies:
        request = urllib.request.Request(  # noqa: S310 - an address of this machine
            address, data=body, headers={"Content-Type": content_type}
        )
        try:
            with open_local(request, TIMEOUT_SECONDS) as reply:
                answer = json.load(reply)
        except (OSError, HTTPException, ValueError) as error:
            raise Unreadable(f"a request failed: {error}") from error
        if answer.get("summary", {}).get("failed"):
            raise Unreadable(f"{answer['summary']['failed']} pictures of a batch failed")


def _in_process(bench: Bench, pictures: Sequence[Path]) -> Times:
    classifier = classifier_of_a_worker()
    read = [path.read_bytes() for path in pictures]
    single = partial(_one_by_one, classifier, read)
    ways: dict[int, tuple[Way, Way]] = {
        size: (single, partial(_in_batches, classifier, read, size)) for size in SIZES
    }
    return _timed(bench, "in process", ways)


def _one_by_one(classifier: HybridClassifier, pictures: Sequence[bytes]) -> None:
    for data in pictures:
        classifier.classify(data)


def _in_batches(classifier: HybridClassifier, pictures: Sequence[bytes], size: int) -> None:
    for start in range(0, len(pictures), size):
        classifier.classify_batch(pictures[start : start + size])
