"""Measure what the cache saves if most requests repeat a picture."""

from __future__ import annotations

import re
import statistics

from benchmarks.load import Load, repeat_script
from benchmarks.report import Section, Table
from benchmarks.service import Served, open_local
from benchmarks.trials import QUIET, UNCACHED, Bench, Trials, ours

SHARE = 0.846
"""Share of the requests that repeat an earlier picture."""

CLIENTS = 4
ON, OFF = "caching on", "caching off"


def measure(bench: Bench) -> Section:
    """Send the same requests with caching on and off; caches are empty at the start."""
    trials, hits = Trials(), []
    for turn, name, settings in bench.interleaved({ON: QUIET, OFF: UNCACHED}):
        seed = bench.seed + turn
        script = repeat_script(bench.scratch / "repeat.lua", bench.pictures, SHARE, seed)
        with ours(settings) as served:
            load = bench.load(served, script, CLIENTS)
            trials.add(name, CLIENTS, load)
            if name == ON:
                hits.append(hit_share(served, load))
    faster = trials.ratio((ON, CLIENTS), (OFF, CLIENTS))
    saved = None if faster is None else 1 - 1 / faster
    columns = ("repeated", "hit rate", "time saved a request", "times the throughput")
    hit_rate = statistics.median(hits) if trials.valid((ON, CLIENTS)) else None
    row = (SHARE, hit_rate, saved, faster)
    return Section(
        "Repeated pictures",
        tables=[
            Table("two workers, each with a cache of its own, empty at first", columns, [row]),
            trials.table("four clients"),
        ],
        settings={ON: QUIET, OFF: UNCACHED, "repeated_share": SHARE, "drawn": "evenly"},
        rounds={**trials.to_dict(), "hit_rates": hits},
    )


def hit_share(served: Served, load: Load) -> float:
    """Return the share of requests that were answered from the caches."""
    with open_local(f"{served.address}/metrics", 10) as reply:
        return counted(reply.read().decode(), "logo_cached_answers_total") / max(1, load.requests)


def counted(exposition: str, name: str) -> float:
    """Return the sum of a counter over its labels, from Prometheus's text format."""
    values = re.findall(rf"^{name}(?:{{[^}}]*}})? (\S+)", exposition, re.MULTILINE)
    return float(sum(map(float, values)))
