"""Measure how throughput scales with workers and with clients, and where it stops growing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmarks.figures import knee
from benchmarks.load import cycle_script
from benchmarks.report import Plot, Section, Table
from benchmarks.trials import UNCACHED, Bench, Trials, load_by_clients, ours, warm_up

WORKERS = (1, 2, 4)
CLIENTS = (1, 2, 4, 8, 16, 32, 64)
CLIENTS_PER_WORKER = 4
NAME = "service"


def measure_workers(bench: Bench) -> Section:
    """Measure throughput with 1, 2 and 4 workers, and four clients per worker."""
    script = cycle_script(bench.scratch / "every.lua", bench.pictures)
    names = {f"workers: {n}": n for n in WORKERS}
    trials = Trials()
    for _, name, workers in bench.interleaved(names):
        clients = CLIENTS_PER_WORKER * workers
        with ours({**UNCACHED, "LOGO_WORKERS": str(workers)}) as served:
            warm_up(served, script, clients)
            trials.add(name, clients, bench.load(served, script, clients))
    keys = {n: (name, CLIENTS_PER_WORKER * n) for name, n in names.items()}
    settings = {"service": UNCACHED, "clients_per_worker": CLIENTS_PER_WORKER}
    return _section("workers", trials, keys, settings)


def measure_clients(bench: Bench) -> Section:
    """Measure throughput and latency with 1 to 64 clients and two workers."""
    script = cycle_script(bench.scratch / "every.lua", bench.pictures)
    trials = Trials()
    for turn, name, environ in bench.interleaved({NAME: UNCACHED}):
        with ours(environ) as served:
            ordered = CLIENTS if turn % 2 == 0 else CLIENTS[::-1]
            load_by_clients(bench, trials, name, served, script, ordered)
    keys = {n: (NAME, n) for n in CLIENTS}
    return _section("clients", trials, keys, {"service": UNCACHED, "workers": 2})


def _section(
    what: str, trials: Trials, keys: Mapping[int, tuple[str, int]], settings: dict[str, Any]
) -> Section:
    rate, p50, p99 = (_curve(trials, keys, name) for name in ("rate", "p50_ms", "p99_ms"))
    # A missing point might have been the knee.
    bend = knee(rate) if len(rate) == len(keys) else None
    throughput = Plot(
        f"{what}-throughput",
        f"Throughput by {what}",
        what,
        "requests/s",
        {"requests/s": rate},
        {"requests/s": bend},
    )
    waits = {"p50": p50, "p99": p99}
    latency = Plot(f"{what}-latency", f"Latency by {what}", what, "ms", waits, log_y=True)
    return Section(
        f"Growth with {what}",
        tables=[
            trials.table("all pictures different, no cache"),
            Table("knee", ("throughput bends at",), [(bend,)]),
        ],
        plots=[throughput, latency],
        settings=settings,
        rounds={**trials.to_dict(), "knee": bend},
    )


def _curve(
    trials: Trials, keys: Mapping[int, tuple[str, int]], figure: str
) -> list[tuple[float, float]]:
    medians = {x: trials.median(*key, figure) for x, key in keys.items()}
    return [(float(x), value) for x, value in medians.items() if value is not None]
