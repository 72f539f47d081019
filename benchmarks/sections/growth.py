"""Measure how throughput grows with workers and with clients, and where it stops growing."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.figures import knee
from benchmarks.load import cycle_script
from benchmarks.report import Plot, Section, Table
from benchmarks.trials import UNCACHED, Bench, Trials, ours, warm_up

WORKERS = (1, 2, 4)
CLIENTS = (1, 2, 4, 8, 16, 32, 64)
CLIENTS_PER_WORKER = 4
NAME = "service"


def measure_workers(bench: Bench) -> Section:
    """Measure throughput under 1, 2 and 4 workers, with four clients for each."""
    script = cycle_script(bench.scratch / "every.lua", bench.pictures)
    settings = {str(n): {**UNCACHED, "LOGO_WORKERS": str(n)} for n in WORKERS}
    trials = Trials()
    for _, name, environ in bench.interleaved(settings):
        clients = CLIENTS_PER_WORKER * int(name)
        with ours(environ) as served:
            warm_up(served, script, clients)
            trials.add(f"{name} workers", clients, bench.load(served, script, clients))
    keys = [(f"{n} workers", CLIENTS_PER_WORKER * n) for n in WORKERS]
    return _section("workers", "workers", trials, WORKERS, keys)


def measure_clients(bench: Bench) -> Section:
    """Measure throughput and waiting under 1 to 64 clients, two workers."""
    script = cycle_script(bench.scratch / "every.lua", bench.pictures)
    trials = Trials()
    for turn, name, environ in bench.interleaved({NAME: UNCACHED}):
        with ours(environ) as served:
            warm_up(served, script)
            for clients in CLIENTS if turn % 2 == 0 else reversed(CLIENTS):
                trials.add(name, clients, bench.load(served, script, clients))
    return _section("clients", "clients", trials, CLIENTS, [(NAME, n) for n in CLIENTS])


def _section(
    name: str, x_label: str, trials: Trials, xs: Sequence[int], keys: Sequence[tuple[str, int]]
) -> Section:
    curves = {
        figure: [
            (float(x), value)
            for x, key in zip(xs, keys, strict=True)
            if (value := trials.median(*key, figure)) is not None
        ]
        for figure in ("rate", "p50_ms", "p99_ms")
    }
    bend = knee(curves["rate"])
    waits = {"p50": curves["p50_ms"], "p99": curves["p99_ms"]}
    rates = {"requests/s": curves["rate"]}
    return Section(
        f"Growth with {name}",
        tables=[
            trials.table("all pictures different, no cache"),
            Table("knee of the throughput", (f"at {x_label}",), [(bend,)]),
        ],
        plots=[
            Plot(
                f"{name}-throughput",
                f"Throughput by {x_label}",
                x_label,
                "requests/s",
                rates,
                {"requests/s": bend},
            ),
            Plot(f"{name}-latency", f"Latency by {x_label}", x_label, "ms", waits, log_y=True),
        ],
        settings={"service": UNCACHED, "clients_per_worker": CLIENTS_PER_WORKER}
        if name == "workers"
        else {"service": UNCACHED, "workers": 2},
        rounds={**trials.to_dict(), "knee": bend},
    )
