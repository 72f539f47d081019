"""Measure throughput as a share of a bare Flask view under the same Gunicorn."""

from __future__ import annotations

from functools import partial

from benchmarks.bare import serving_bare
from benchmarks.load import cycle_script
from benchmarks.report import Goal, Section, Table
from benchmarks.trials import QUIET, UNCACHED, Bench, Contenders, load_each, ours

CLIENTS = 4
REPEATED = 20
"""Number of pictures that are sent repeatedly to a warm cache."""

DIFFERENT_SHARE, REPEATED_SHARE = 0.15, 0.65


def measure(bench: Bench) -> Section:
    """Measure the bare view and the service, with different and with repeated pictures."""
    every = cycle_script(bench.scratch / "every.lua", bench.pictures)
    few = cycle_script(bench.scratch / "few.lua", bench.pictures[:REPEATED])
    contenders: Contenders = {
        "bare view": (partial(serving_bare, **QUIET), {"different": every, "repeated": few}),
        "service, no cache": (partial(ours, UNCACHED), {"different": every}),
        "service, cache": (partial(ours, QUIET), {"repeated": few}),
    }
    trials = load_each(bench, contenders, CLIENTS)
    different = trials.ratio(
        ("service, no cache, different", CLIENTS), ("bare view, different", CLIENTS)
    )
    repeated = trials.ratio(("service, cache, repeated", CLIENTS), ("bare view, repeated", CLIENTS))
    return Section(
        "Throughput as a share of a bare Flask view",
        tables=[_shares(different, repeated), trials.table("two workers, raw uploads")],
        goals=[
            Goal("different pictures / bare view", different, ">=", DIFFERENT_SHARE),
            Goal("repeated pictures / bare view", repeated, ">=", REPEATED_SHARE),
        ],
        settings={
            "service, no cache": UNCACHED,
            "service, cache": QUIET,
            "bare view": {**QUIET, "LOGO_WORKER_MEMORY_MB": "0"},
            "pictures": len(bench.pictures),
            "repeated_pictures": min(REPEATED, len(bench.pictures)),
        },
        rounds=trials.to_dict(),
    )


def _shares(different: float | None, repeated: float | None) -> Table:
    rows = [
        (name, share, None if share is None else 1 / share)
        for name, share in (("all different", different), ("repeated", repeated))
    ]
    columns = ("pictures", "share of the bare view", "times its cost")
    return Table("median of the rounds' ratios", columns, rows)
