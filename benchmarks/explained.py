"""Measure what an explanation costs, by method, in this process.

    python -m benchmarks.explained --pictures data/images

Prints a table of processor time, which others on the machine disturb less than time, and what the
first explanation adds to the memory of a worker. Answers with and without an explanation take turns
on each picture.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil

from benchmarks.figures import percentile
from benchmarks.inprocess import classifier_of_a_worker
from benchmarks.pictures import choose
from logo_classifier import HybridClassifier, Method

_TRIES = 5
"""Of each picture, of which the fastest counts: others use the machine too."""

_BYTES_PER_MIB = 1024**2


def compare(
    classifier: HybridClassifier, pictures: Sequence[bytes], method: str
) -> tuple[list[float], list[float], list[int]]:
    """Return processor seconds without and with an explanation, and the bytes of the latter."""
    plain, explained, sizes = [], [], []
    for picture in pictures:
        seconds: dict[bool, list[float]] = {False: [], True: []}
        answer: dict[str, Any] = {}
        for _ in range(_TRIES):
            for asked in random.sample((False, True), 2):
                started = time.thread_time()
                answer[str(asked)] = classifier.classify(
                    picture, method=method, include_features=True, include_explanation=asked
                )
                seconds[asked].append(time.thread_time() - started)
        plain.append(min(seconds[False]))
        explained.append(min(seconds[True]))
        sizes.append(len(json.dumps(answer["True"]["explanation"])))
    return plain, explained, sizes


def cost_of_the_first(classifier: HybridClassifier, picture: bytes) -> tuple[float, float]:
    """Return the seconds of the first explanation of the network, and the MiB that it adds."""
    process = psutil.Process()
    before = process.memory_info().rss
    started = time.thread_time()
    classifier.classify(picture, method=Method.NEURAL_NETWORK.value, include_explanation=True)
    seconds = time.thread_time() - started
    return seconds, (process.memory_info().rss - before) / _BYTES_PER_MIB


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=Path, default=Path("data/images"))
    parser.add_argument("--count", type=int, default=60)
    asked = parser.parse_args()
    pictures = [path.read_bytes() for path in choose(asked.pictures, asked.count, seed=0)]
    classifier = classifier_of_a_worker()
    for picture in pictures:
        classifier.classify(picture, method=Method.NEURAL_NETWORK.value, include_features=True)
    seconds, mebibytes = cost_of_the_first(classifier, pictures[0])
    print("| method | CPU ms without | with | more, median | more, 95th percentile | kB, median |")
    print("|---|---|---|---|---|---|")
    for method in Method:
        plain, explained, sizes = compare(classifier, pictures, method.value)
        more = [1000 * (b - a) for a, b in zip(plain, explained, strict=True)]
        cells = (
            1000 * statistics.median(plain),
            1000 * statistics.median(explained),
            statistics.median(more),
            percentile(more, 0.95),
            statistics.median(sizes) / 1000,
        )
        print(f"| {method.value} | " + " | ".join(f"{cell:.1f}" for cell in cells) + " |")
    print(f"\nThe first map took {1000 * seconds:.0f} ms, and {mebibytes:.0f} MiB that stay.")


if __name__ == "__main__":
    main()
