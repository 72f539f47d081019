"""Plan capacity: machines, load on the shared store, network and series, from measured inputs.

    python -m benchmarks.capacity --pictures data/images

Measures bytes of requests, replies and stored answers, and the series of one service, on `bench`
pictures and the shipped version. None of that depends on how busy the machine is. How many
pictures a second a machine answers is not measured here: `SPEEDS` has what pages report. Prints
the inputs and tables for several demands.
"""

from __future__ import annotations

import argparse
import math
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from tqdm import tqdm

from benchmarks.pictures import choose
from benchmarks.service import ROOT, serving
from logo_classifier import Caching, HybridClassifier

DEMANDS = (10, 1_000, 100_000)
HIT_SHARES = (0.0, 0.3, 0.6, 0.846)
"""The last is the share that repeats in the workload of `benchmarks/sections/repeats.py`."""

USED_SHARE = 0.6
"""Share of the capacity to plan for, so that a machine may end (docs/deploy.md)."""

PROCESSORS = 2
"""Processors of one machine of `SPEEDS`."""

SCRAPE_SECONDS = 15
STORE_BYTES = 256 * 2**20
"""maxmemory of the Redis in deploy/."""

_PNG = {"Content-Type": "image/png"}


@dataclass(frozen=True, slots=True)
class Speed:
    """Pictures a second of one machine of two processors and two workers, and where that is from.

    The load generator had its part of the same processors.
    """

    name: str
    different: float
    remembered: float
    source: str


SPEEDS = (
    Speed("AVX-512 VNNI", 293, 2188, "docs/measured/speed.md, 2026-11-27"),
    Speed("AVX2, no VNNI", 176, 1291, "docs/decisions/0025, 2026-11-30"),
)


@dataclass(frozen=True, slots=True)
class Sizes:
    """What one picture means in bytes and calls; means over pictures, but for the median."""

    request_bytes: float
    median_request_bytes: float
    reply_bytes: float
    answer_bytes: float
    """A key and a value of the cache of results, as they go to the shared store."""
    judgement_bytes: float
    """The same of the cache of features."""
    gets_of_a_miss: float
    sets_of_a_miss: float
    series: int


@dataclass
class RecordingStore:
    """A shared store that keeps what it is given, and counts the calls."""

    kept: dict[str, bytes] = field(default_factory=dict)
    gets: int = 0

    def get(self, key: str) -> bytes | None:
        """Return the value of a key, or None."""
        self.gets += 1
        return self.kept.get(key)

    def set(self, key: str, value: bytes) -> None:
        """Keep a value."""
        self.kept[key] = value

    def close(self) -> None:
        """Do nothing."""

    def mean_bytes(self, cache: str) -> float:
        """Return the mean bytes of key and value in the cache `results` or `features`."""
        return statistics.fmean(
            len(key) + len(value)
            for key, value in self.kept.items()
            if key.startswith(f"logo:{cache}:")
        )


@dataclass(frozen=True, slots=True)
class StoreLoad:
    """What the shared store gets each second if no worker remembers anything itself."""

    gets: float
    sets: float
    bytes_out: float
    bytes_in: float
    full_after_seconds: float
    """How long it takes to fill STORE_BYTES; what is older is gone."""


def machines(demand: float, hit_share: float, speed: Speed) -> int:
    """Return the machines for `demand` pictures a second; at least two, so that one may end."""
    seconds = hit_share / speed.remembered + (1 - hit_share) / speed.different
    return max(2, math.ceil(demand * seconds / USED_SHARE))


def processor_hours(pictures: float, hit_share: float, speed: Speed) -> float:
    """Return the processor hours that so many pictures take, with nothing idle."""
    seconds = hit_share / speed.remembered + (1 - hit_share) / speed.different
    return pictures * seconds * PROCESSORS / 3600


def store_load(demand: float, hit_share: float, sizes: Sizes) -> StoreLoad:
    """Return the load on the shared store: a hit is one look-up, a miss reads and writes both."""
    hits, misses = demand * hit_share, demand * (1 - hit_share)
    written = misses * (sizes.answer_bytes + sizes.judgement_bytes)
    return StoreLoad(
        hits + misses * sizes.gets_of_a_miss,
        misses * sizes.sets_of_a_miss,
        hits * sizes.answer_bytes,
        written,
        STORE_BYTES / written if written else math.inf,
    )


def record(pictures: Sequence[Path]) -> RecordingStore:
    """Classify pictures, all different, once each; return what went to the shared store."""
    store = RecordingStore()
    classifier = HybridClassifier(caching=Caching(store=store))
    for picture in tqdm(pictures, unit="img"):
        classifier.classify(picture)
    while classifier.get_performance_stats()["caches"]["store_writes_pending"]:
        time.sleep(0.01)
    return store


def measure(pictures: Sequence[Path]) -> Sizes:
    """Send pictures to a real service, and classify them with a store that records."""
    asked, replied = list[int](), list[int]()
    with serving(LOGO_LOG_LEVEL="error") as served, httpx.Client(base_url=served.address) as client:
        for picture in tqdm(pictures, unit="img"):
            reply = client.post("/classify", content=picture.read_bytes(), headers=_PNG, timeout=60)
            reply.raise_for_status()
            asked.append(len(reply.request.content) + _head_bytes(reply.request.headers))
            replied.append(len(reply.content) + _head_bytes(reply.headers))
        client.get("/health/ready")
        lines = client.get("/metrics").text.splitlines()
    store = record(pictures)
    return Sizes(
        statistics.fmean(asked),
        statistics.median(picture.stat().st_size for picture in pictures),
        statistics.fmean(replied),
        store.mean_bytes("results"),
        store.mean_bytes("features"),
        store.gets / len(pictures),
        len(store.kept) / len(pictures),
        sum(not line.startswith("#") for line in lines),
    )


def _head_bytes(headers: httpx.Headers) -> int:
    """Return the bytes of headers on the wire, with a colon, a space and an end of line each."""
    return sum(len(name) + len(value) + 4 for name, value in headers.raw)


def _size(count: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.3g} {unit}"
        count /= 1000
    return f"{count:.3g} TB"


def _row(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def _head(*cells: object) -> list[str]:
    return [_row(*cells), "|" + "---|" * len(cells)]


def render(sizes: Sizes) -> str:
    """Return the inputs and the tables as Markdown."""
    inputs = [
        *_head("input", "value"),
        _row("request with its headers, mean", _size(sizes.request_bytes)),
        _row("picture, median", _size(sizes.median_request_bytes)),
        _row("reply with its headers, mean", _size(sizes.reply_bytes)),
        _row("stored answer with its key, mean", _size(sizes.answer_bytes)),
        _row("stored features with their key, mean", _size(sizes.judgement_bytes)),
        _row("look-ups in the store for a picture that is not known", f"{sizes.gets_of_a_miss:g}"),
        _row("writes to the store for it", f"{sizes.sets_of_a_miss:g}"),
        _row("series of one service", sizes.series),
    ]
    needed = _head("pictures/s", "processor", *(f"{share:.0%} hits" for share in HIT_SHARES))
    needed += [
        _row(f"{demand:,}", speed.name, *(f"{machines(demand, h, speed):,}" for h in HIT_SHARES))
        for demand in DEMANDS
        for speed in SPEEDS
    ]
    needed += [
        _row("1,000,000 in all, processor hours", speed.name,
             *(f"{processor_hours(1e6, h, speed):.2f}" for h in HIT_SHARES))
        for speed in SPEEDS
    ]  # fmt: skip
    tables = [inputs, needed, _of_the_store(sizes), _of_the_network(sizes)]
    return "\n\n".join("\n".join(table) for table in tables)


def _of_the_store(sizes: Sizes) -> list[str]:
    rows = _head("pictures/s", "hits", "look-ups/s", "writes/s", "read", "written", "256 MiB last")
    for demand in DEMANDS:
        for share in HIT_SHARES:
            load = store_load(demand, share, sizes)
            calls = f"{load.gets:,.0f}", f"{load.sets:,.0f}"
            sent = f"{_size(load.bytes_out)}/s", f"{_size(load.bytes_in)}/s"
            rows.append(
                _row(
                    f"{demand:,}",
                    f"{share:.0%}",
                    *calls,
                    *sent,
                    f"{load.full_after_seconds:,.0f} s",
                )
            )
    return rows


def _of_the_network(sizes: Sizes) -> list[str]:
    rows = _head("pictures/s", "in, Mbit/s", "out, Mbit/s", "services", "series", "samples/s")
    for demand in DEMANDS:
        sent = [8e-6 * demand * each for each in (sizes.request_bytes, sizes.reply_bytes)]
        count = machines(demand, 0, SPEEDS[0])
        series = count * sizes.series
        counts = f"{count:,}", f"{series:,}", f"{series / SCRAPE_SECONDS:,.0f}"
        rows.append(_row(f"{demand:,}", *(f"{each:,.1f}" for each in sent), *counts))
    return rows


def main() -> None:
    """Measure the inputs and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--pictures", type=Path, default=ROOT / "data" / "images")
    parser.add_argument("--count", type=int, default=300, help="most pictures to use")
    chosen = parser.parse_args()
    print(render(measure(choose(chosen.pictures, chosen.count, seed=1))))


if __name__ == "__main__":
    main()
