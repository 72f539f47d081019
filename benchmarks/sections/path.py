"""Measure how much of classify() is work on the picture, and how much is overhead."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from benchmarks.figures import percentile
from benchmarks.inprocess import classifier_of_a_worker
from benchmarks.pictures import NoPictures
from benchmarks.report import Goal, Section, Table
from benchmarks.trials import Bench
from logo_classifier import HybridClassifier
from logo_classifier.pictures.image import load_image
from logo_classifier.rules.features import extract_features
from logo_classifier.rules.trees import classify_by_rules
from logo_classifier.versions.loaded import LoadedVersion, load_version

MOST_PICTURES = 150
PARTS = ("decode and normalise", "features", "rules", "forward pass")
WHOLE = "classify()"
PARTS_SHARE = 0.95


def measure(bench: Bench) -> Section:
    """Time classify() and its parts on each picture that needs the network."""
    classifier = classifier_of_a_worker()
    version = load_version(None)
    read = [path.read_bytes() for path in bench.pictures[:MOST_PICTURES]]
    asked = [data for data in read if classifier.classify(data)["method_used"] != "rule_based"]
    if not asked:
        raise NoPictures("the rules settle every picture chosen; none shows the whole path")
    order = random.Random(bench.seed)  # noqa: S311
    rounds: list[dict[str, list[float]]] = []
    for turn in range(bench.rounds):
        bench.say(f"round {turn + 1}/{bench.rounds}")
        times: dict[str, list[float]] = {name: [] for name in (*PARTS, WHOLE)}
        for data in asked:
            steps = [partial(_parts, data, version), partial(_whole, data, classifier)]
            order.shuffle(steps)
            for step in steps:
                for name, seconds in step().items():
                    times[name].append(seconds)
        rounds.append(times)
    return _section(rounds, len(read), len(asked))


def _parts(data: bytes, version: LoadedVersion) -> dict[str, float]:
    times: dict[str, float] = {}
    image = _timed(times, PARTS[0], lambda: load_image(data))
    features = _timed(times, PARTS[1], lambda: extract_features(image, version.plan))
    _timed(times, PARTS[2], lambda: classify_by_rules(features, version.rules))
    if version.network:
        network = version.network
        _timed(times, PARTS[3], lambda: network.predict([image]))
    return times


def _whole(data: bytes, classifier: HybridClassifier) -> dict[str, float]:
    times: dict[str, float] = {}
    _timed(times, WHOLE, lambda: classifier.classify(data))
    return times


def _timed(times: dict[str, float], name: str, work: Callable[[], Any]) -> Any:
    began = time.perf_counter()
    done = work()
    times[name] = time.perf_counter() - began
    return done


def _section(rounds: Sequence[dict[str, list[float]]], read: int, asked: int) -> Section:
    sums = [{name: sum(times) for name, times in turn.items()} for turn in rounds]
    shares = [sum(turn[name] for name in PARTS) / turn[WHOLE] for turn in sums]
    share = statistics.median(shares)
    rows = [
        (
            name,
            1000 * statistics.median(turn[name] / asked for turn in sums),
            1000 * statistics.median(statistics.median(turn[name]) for turn in rounds),
            1000 * statistics.median(percentile(turn[name], 0.99) for turn in rounds),
            statistics.median(turn[name] / turn[WHOLE] for turn in sums),
        )
        for name in (*PARTS, WHOLE)
    ]
    title = f"one thread, the {asked} of {read} pictures that ask the network"
    columns = ("part", "mean ms", "p50 ms", "p99 ms", "share of classify()")
    return Section(
        "The whole path against its parts, in process",
        tables=[Table(title, columns, rows)],
        goals=[Goal("the parts / classify()", share, ">=", PARTS_SHARE)],
        settings={"threads": 1, "caching": False, "pictures": read, "asked_the_network": asked},
        rounds={"shares": shares, "seconds": sums},
    )
