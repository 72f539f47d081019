"""Measure what being watched costs: scrapes of the metrics.

    python -m benchmarks.observing data/images

starts four workers, sends pictures and refusals to all of them, and times scrapes while nothing
else is asked.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from itertools import cycle, islice
from pathlib import Path
from statistics import median

import httpx
from prometheus_client.parser import text_string_to_metric_families

from benchmarks.service import serving

_TIMEOUT_SECONDS = 60


def make_traffic(address: str, pictures: Sequence[Path], count: int) -> None:
    """Send pictures by each method, refusals, a batch and probes, each over a connection."""
    methods = cycle(("auto", "rule_based", "neural_network", "ensemble"))
    for picture, method in zip(islice(cycle(pictures), count), methods, strict=False):
        url = f"{address}/classify?method={method}"
        httpx.post(url, content=picture.read_bytes(), headers={"Content-Type": "image/png"})
        httpx.post(url, content=b"x", headers={"Content-Type": "image/png"})
        httpx.get(f"{address}/health/ready")
    files = [("images", (picture.name, picture.read_bytes())) for picture in pictures[:8]]
    httpx.post(f"{address}/classify/batch", files=files, timeout=_TIMEOUT_SECONDS)


def scrape(address: str, times: int) -> tuple[list[float], str]:
    """Return the milliseconds of each scrape, in rising order, and the text of the last one."""
    took_ms, text = [], ""
    with httpx.Client(timeout=_TIMEOUT_SECONDS) as client:
        for _ in range(times):
            began_seconds = time.perf_counter()
            text = client.get(f"{address}/metrics").text
            took_ms.append(1000 * (time.perf_counter() - began_seconds))
    return sorted(took_ms), text


def count_samples(text: str) -> int:
    """Return the number of samples in the text of a scrape."""
    return sum(len(family.samples) for family in text_string_to_metric_families(text))


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("pictures", type=Path, help="folder of PNG files")
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--scrapes", type=int, default=200)
    arguments = parser.parse_args()
    pictures = sorted(arguments.pictures.glob("*.png"))[:100]
    with serving(LOGO_WORKERS=str(arguments.workers), LOGO_LOG_LEVEL="warning") as served:
        make_traffic(served.address, pictures, 200)
        took_ms, text = scrape(served.address, arguments.scrapes)
    print(
        f"{arguments.workers} workers, {count_samples(text)} samples, {len(took_ms)} scrapes: "
        f"{took_ms[0]:.1f} ms at least, {median(took_ms):.1f} in the median, "
        f"{took_ms[int(0.99 * len(took_ms))]:.1f} in the 99th percentile"
    )


if __name__ == "__main__":
    main()
