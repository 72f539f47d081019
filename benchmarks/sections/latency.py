"""Measure latency with one, four and sixteen clients."""

from __future__ import annotations

from benchmarks.figures import ratio_of
from benchmarks.load import cycle_script
from benchmarks.report import Goal, Section, Table
from benchmarks.trials import UNCACHED, Bench, Trials, load_by_clients, ours

ALONE, FEW, CROWD = 1, 4, 16
FIGURES = {"rate": "req/s", "p50_ms": "p50", "p99_ms": "p99"}
DEFAULTS, KEPT = "defaults, no keep-alive", "keep-alive 2 s"
SETTINGS = {
    DEFAULTS: UNCACHED,
    KEPT: {**UNCACHED, "LOGO_KEEPALIVE_SECONDS": "2"},
    # Few connections per worker, so that no worker accepts most of them.
    "keep-alive 2 s, 9 places": {
        **UNCACHED,
        "LOGO_KEEPALIVE_SECONDS": "2",
        "LOGO_WORKER_CONNECTIONS": "9",
    },
}


def measure(bench: Bench) -> Section:
    """Measure one, four and sixteen clients without cache, for each setting of the workers."""
    script = cycle_script(bench.scratch / "every.lua", bench.pictures)
    trials = Trials()
    for _, name, settings in bench.interleaved(SETTINGS):
        with ours(settings) as served:
            load_by_clients(bench, trials, name, served, script, (ALONE, FEW, CROWD))
    return Section(
        "Latency",
        tables=[
            trials.table("two workers, all pictures different, no cache"),
            *(_beside_defaults(trials, clients) for clients in (FEW, CROWD)),
        ],
        goals=_goals(trials),
        settings=SETTINGS,
        rounds=trials.to_dict(),
    )


def _beside_defaults(trials: Trials, clients: int) -> Table:
    rows = [
        (name, *(trials.ratio((name, clients), (DEFAULTS, clients), each) for each in FIGURES))
        for name in SETTINGS
    ]
    columns = ("setting", *(f"times the defaults' {name}" for name in FIGURES.values()))
    return Table(f"{clients} clients", columns, rows)


def _goals(trials: Trials) -> list[Goal]:
    alone = trials.loads[DEFAULTS, ALONE]
    tail = None
    if trials.valid((DEFAULTS, ALONE)):
        tail = ratio_of([load.p99_ms for load in alone], [load.p50_ms for load in alone])
    goals = [
        Goal("one client, p50", trials.median(DEFAULTS, ALONE, "p50_ms"), "<=", 7, " ms"),
        Goal("one client, p99 / p50", tail, "<=", 3),
    ]
    for name in SETTINGS:
        stretch = _stretch(trials, name)
        goals.append(Goal(f"16 clients, p99 / (clients / throughput), {name}", stretch, "<=", 2))
    return goals


def _stretch(trials: Trials, name: str) -> float | None:
    """Return p99 as a multiple of the mean latency by Little's law (clients / throughput)."""
    if not trials.valid((name, CROWD)):
        return None
    loads = trials.loads[name, CROWD]
    return ratio_of([load.p99_ms for load in loads], [1000 * CROWD / load.rate for load in loads])
