"""Measure the memory of a serving worker, and its start-up time."""

from __future__ import annotations

import os
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import psutil

from benchmarks.load import repeat_script, run_load
from benchmarks.report import INVALID, Goal, Section, Table
from benchmarks.service import ServerFailed, free_port, running
from benchmarks.trials import QUIET, Bench, ours

CLIENTS = 16
SPELL_SECONDS, MOST_SPELLS = 20, 9
SETTLED_MIB = 1
"""The caches are full when a spell of new pictures adds at most this to any worker."""

MOST_MIB, MOST_START_SECONDS = 150, 2


def measure(bench: Bench) -> Section:
    """Measure private memory with full caches, whether PyTorch is mapped, and start-up time."""
    workers, trouble = _memory(bench)
    starts = [_start(bench, turn) for turn in range(bench.rounds)]
    largest = None if trouble else max(worker["uss_mib"] for worker in workers)
    torch = sum(worker["maps_torch"] for worker in workers)
    start = statistics.median(start["worker_seconds"] for start in starts)
    rows = [
        (w["pid"], w["uss_mib"], w["rss_mib"], "yes" if w["maps_torch"] else "no") for w in workers
    ]
    times = [
        (name, *_spread([start[key] for start in starts]))
        for name, key in (
            ("from the worker's fork", "worker_seconds"),
            ("from the command", "command_seconds"),
        )
    ]
    title = "after new pictures until memory stayed level" + (trouble and f", {INVALID}: {trouble}")
    return Section(
        "Memory and start of a worker",
        tables=[
            Table(title, ("worker", "private (USS) MiB", "resident MiB", "torch mapped"), rows),
            Table("until ready", ("counted", "median s", "from", "to"), times),
        ],
        goals=[
            Goal("private memory, largest worker", largest, "<=", MOST_MIB, " MiB"),
            Goal("workers with torch mapped", float(torch), "<=", 0),
            Goal("worker start to ready", start, "<=", MOST_START_SECONDS, " s"),
        ],
        settings={"memory": QUIET, "start": {**QUIET, "LOGO_WORKERS": "1"}},
        rounds={"workers": workers, "starts": starts},
    )


def _memory(bench: Bench) -> tuple[list[dict[str, Any]], str]:
    """Return the memory of each worker with full caches, and an error message or ""."""
    before: dict[int, float] = {}
    with ours(QUIET) as served:
        for spell in range(MOST_SPELLS):
            bench.say(f"memory, spell {spell + 1}")
            script = repeat_script(bench.scratch / "new.lua", bench.pictures, 0.0, spell)
            load = run_load(served.address, script, CLIENTS, SPELL_SECONDS)
            workers = [held(worker) for worker in served.workers()]
            if load.failed:
                return workers, f"{load.failed} failed requests"
            now = {worker["pid"]: worker["uss_mib"] for worker in workers}
            if all(mib - before.get(pid, 0) <= SETTLED_MIB for pid, mib in now.items()):
                return workers, ""
            before = now
    return workers, f"still growing after {MOST_SPELLS * SPELL_SECONDS} s"


def held(worker: psutil.Process) -> dict[str, Any]:
    """Return the memory of a process in MiB, and whether it maps a file of PyTorch."""
    memory = worker.memory_full_info()
    maps = Path(f"/proc/{worker.pid}/maps").read_text()
    return {
        "pid": worker.pid,
        "uss_mib": memory.uss / 2**20,
        "rss_mib": memory.rss / 2**20,
        "maps_torch": "/torch/" in maps or "libtorch" in maps,
    }


def _start(bench: Bench, turn: int) -> dict[str, float]:
    """Start the service with one worker; return the seconds until it is ready."""
    bench.say(f"start {turn + 1}/{bench.rounds}")
    port, began = free_port(), _since_boot()
    chosen = {**QUIET, "LOGO_PORT": str(port), "LOGO_WORKERS": "1"}
    with running([sys.executable, "-m", "gunicorn"], chosen, port) as served:
        ready = _since_boot()
        worker = next(iter(served.workers()), None)
        if worker is None:
            raise ServerFailed("the only worker has ended")
        return {
            "worker_seconds": ready - forked(worker.pid),
            "command_seconds": ready - began,
        }


def forked(pid: int) -> float:
    """Return when a process was forked, in seconds since the machine started.

    The source is proc(5), in ticks. psutil adds the boot time, which is rounded to seconds.
    """
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(after_name[19]) / os.sysconf("SC_CLK_TCK")


def _since_boot() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def _spread(values: list[float]) -> tuple[float, float, float]:
    return statistics.median(values), min(values), max(values)
