"""Measure contenders in interleaved rounds, and compare them within each round."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from tqdm import tqdm

from benchmarks.figures import ratio_of
from benchmarks.load import Load, run_load
from benchmarks.report import INVALID, Cell, Table
from benchmarks.service import Served, serving

QUIET = {"LOGO_LOG_LEVEL": "error"}
UNCACHED = {**QUIET, "LOGO_ENABLE_CACHING": "false"}
WARM_SECONDS = 2
DRAIN_SECONDS = 2
"""Pause between loads. A server still works on requests that the end of a load cut off, and may
refuse the next requests."""

T = TypeVar("T")


@dataclass(frozen=True)
class Bench:
    """The options of all sections; `seconds` is the length of one load."""

    pictures: Sequence[Path]
    rounds: int
    seconds: int
    seed: int
    scratch: Path
    peers_python: Path
    progress: tqdm[Any]

    def say(self, text: str) -> None:
        """Show the current measurement."""
        self.progress.set_postfix_str(text)

    def interleaved(self, contenders: Mapping[str, T]) -> Iterator[tuple[int, str, T]]:
        """Yield round, name and contender; every second round is in reverse order.

        A machine that becomes slower, or other load on it, then affects all contenders equally.
        """
        for turn in range(self.rounds):
            ordered = list(contenders.items())
            for name, contender in ordered if turn % 2 == 0 else reversed(ordered):
                self.say(f"round {turn + 1}/{self.rounds}, {name}")
                yield turn, name, contender

    def load(self, served: Served, script: Path, clients: int) -> Load:
        """Load a server for the length of one measurement."""
        return run_load(served.address, script, clients, self.seconds)


def warm_up(served: Served, script: Path, clients: int = 4) -> None:
    """Load a server briefly and discard the results."""
    run_load(served.address, script, clients, WARM_SECONDS)


def ours(settings: Mapping[str, str]) -> AbstractContextManager[Served]:
    """Run our service with these environment variables inside the block."""
    return serving(**settings)


Contenders = Mapping[str, tuple[Callable[[], AbstractContextManager[Served]], Mapping[str, Path]]]
"""From the name of a server to the server and its scripts by kind."""


def load_each(bench: Bench, contenders: Contenders, clients: int) -> Trials:
    """Load each server with each of its scripts; the names of trials are "server, kind"."""
    trials = Trials()
    for _, name, (server, scripts) in bench.interleaved(contenders):
        with server() as served:
            for kind, script in scripts.items():
                warm_up(served, script)
                trials.add(f"{name}, {kind}", clients, bench.load(served, script, clients))
    return trials


def load_by_clients(
    bench: Bench, trials: Trials, name: str, served: Served, script: Path, clients: Sequence[int]
) -> None:
    """Warm up a server and load it with each number of clients, in the order given."""
    warm_up(served, script)
    for number in clients:
        time.sleep(DRAIN_SECONDS)
        trials.add(name, number, bench.load(served, script, number))


@dataclass
class Trials:
    """The loads of all rounds by contender and number of clients."""

    loads: dict[tuple[str, int], list[Load]] = field(default_factory=dict)

    def add(self, name: str, clients: int, load: Load) -> None:
        """Add the load of one round."""
        self.loads.setdefault((name, clients), []).append(load)

    def valid(self, *keys: tuple[str, int]) -> bool:
        """Return whether no request of these trials failed in any round."""
        return all(load.valid for key in keys for load in self.loads[key])

    def median(self, name: str, clients: int, figure: str) -> float | None:
        """Return the median over the rounds of an attribute of Load, None if it is invalid."""
        if not self.valid((name, clients)):
            return None
        values = [float(getattr(load, figure)) for load in self.loads[name, clients]]
        return statistics.median(values)

    def ratio(
        self, above: tuple[str, int], below: tuple[str, int], figure: str = "rate"
    ) -> float | None:
        """Return the median over the rounds of the ratio of a figure, None if it is invalid."""
        if not self.valid(above, below):
            return None
        first, second = (
            [float(getattr(load, figure)) for load in self.loads[key]] for key in (above, below)
        )
        return ratio_of(first, second)

    def table(self, title: str) -> Table:
        """Return one row per contender and number of clients, with medians over the rounds."""
        columns = ("setting", "clients", "req/s", "from", "to", "p50 ms", "p99 ms", "failed", "row")
        keys = sorted(self.loads, key=lambda key: key[1])
        return Table(title, columns, [self._row(key) for key in keys])

    def to_dict(self) -> dict[str, list[dict[str, Any]]]:
        """Return every round as JSON-ready values."""
        return {
            f"{name}, {clients} clients": [asdict(load) for load in loads]
            for (name, clients), loads in self.loads.items()
        }

    def _row(self, key: tuple[str, int]) -> list[Cell]:
        loads = self.loads[key]
        rates = [load.rate for load in loads]
        figures = [
            statistics.median(rates),
            min(rates),
            max(rates),
            statistics.median(load.p50_ms for load in loads),
            statistics.median(load.p99_ms for load in loads),
        ]
        failed = sum(load.failed for load in loads)
        return [*key, *figures, failed, "ok" if self.valid(key) else INVALID]
