"""Measure how long a client waits, alone and among sixteen that keep their connections."""

from __future__ import annotations

from benchmarks.figures import ratio_of
from benchmarks.load import cycle_script
from benchmarks.report import Goal, Section, Table
from benchmarks.trials import UNCACHED, Bench, Trials, ours, warm_up

ALONE, CROWD = 1, 16
FIGURES = ("rate", "p50_ms", "p99_ms")
DEFAULTS, KEPT = "defaults, no keep-alive", "keep-alive 2 s"
SYNC = "worker class sync"
SETTINGS = {
    DEFAULTS: UNCACHED,
    SYNC: {**UNCACHED, "LOGO_WORKER_CLASS": "sync", "LOGO_THREADS": "1"},
    KEPT: {**UNCACHED, "LOGO_KEEPALIVE_SECONDS": "2"},
    # Hardly more places than clients, so that no worker takes most of the connections.
    "keep-alive 2 s, 9 places": {
        **UNCACHED,
        "LOGO_KEEPALIVE_SECONDS": "2",
        "LOGO_THREADS": "9",
        "LOGO_WORKER_CONNECTIONS": "9",
    },
}


def measure(bench: Bench) -> Section:
    """Measure one client and sixteen, uncached, under each setting of keep-alive."""
    script = cycle_script(bench.scratch / "every.lua", bench.pictures)
    trials = Trials()
    for _, name, settings in bench.interleaved(SETTINGS):
        with ours(settings) as served:
            warm_up(served, script)
            for clients in (ALONE, CROWD):
                trials.add(name, clients, bench.load(served, script, clients))
    return Section(
        "Latency",
        tables=[
            trials.table("two workers, all pictures different, no cache"),
            _beside_defaults(trials),
        ],
        goals=_goals(trials),
        settings=SETTINGS,
        rounds=trials.to_dict(),
    )


def _beside_defaults(trials: Trials) -> Table:
    rows = [
        (name, *(trials.ratio((name, CROWD), (DEFAULTS, CROWD), each) for each in FIGURES))
        for name in SETTINGS
    ]
    return Table("sixteen clients, beside the defaults", ("setting", *FIGURES), rows)


def _goals(trials: Trials) -> list[Goal]:
    alone = trials.loads[DEFAULTS, ALONE]
    tail = None
    if trials.valid((DEFAULTS, ALONE)):
        tail = ratio_of([load.p99_ms for load in alone], [load.p50_ms for load in alone])
    goals = [
        Goal("one client, p50", trials.median(DEFAULTS, ALONE, "p50_ms"), "<=", 7, " ms"),
        Goal("one client, p99 / p50", tail, "<=", 3),
    ]
    for name in (name for name in SETTINGS if name != SYNC):
        stretch = _stretch(trials, name)
        goals.append(Goal(f"16 clients, p99 / (clients / throughput), {name}", stretch, "<=", 2))
    return goals


def _stretch(trials: Trials, name: str) -> float | None:
    """Return p99 as a multiple of the mean wait that the throughput implies."""
    if not trials.valid((name, CROWD)):
        return None
    loads = trials.loads[name, CROWD]
    return ratio_of([load.p99_ms for load in loads], [1000 * CROWD / load.rate for load in loads])
