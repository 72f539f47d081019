"""Benchmark the service on one machine; contenders take turns in several rounds.

    python -m benchmarks --pictures data/images

Needs `wrk` (Debian package) and, for the comparison, the environment that `make bench` installs
from benchmarks/requirements.txt. Prints tables, and writes tables, plots and every round to the
folder --out. A figure is invalid if requests failed. The exit status is 1 if a section could not
be measured.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from http.client import HTTPException
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console
from tqdm import tqdm

from benchmarks import machine
from benchmarks.load import Unreadable, has_wrk
from benchmarks.pictures import NoPictures, choose
from benchmarks.plots import draw
from benchmarks.report import Section, show
from benchmarks.sections import (
    batches,
    comparison,
    footprint,
    growth,
    large,
    latency,
    path,
    repeats,
    sizes,
    throughput,
    uploads,
)
from benchmarks.service import ROOT, ServerFailed, end_on_sigterm
from benchmarks.trials import Bench
from logo_classifier.errors import ClassifierError

BUSY = 0.25
"""Load per core above which other processes disturb the benchmark."""

WIDTH = 140
"""Width of the output in characters without a terminal."""

SECTIONS: dict[str, Callable[[Bench], Section]] = {
    "throughput": throughput.measure,
    "latency": latency.measure,
    "path": path.measure,
    "comparison": comparison.measure,
    "large": large.measure,
    "footprint": footprint.measure,
    "workers": growth.measure_workers,
    "clients": growth.measure_clients,
    "sizes": sizes.measure,
    "batches": batches.measure,
    "repeats": repeats.measure,
    "uploads": uploads.measure,
}


def main() -> None:
    """Run the command line."""
    arguments = _arguments()
    end_on_sigterm()
    if not has_wrk():
        raise SystemExit("wrk is missing: install the Debian package `wrk`")
    if "comparison" in arguments.only and not arguments.peers_python.exists():
        raise SystemExit(
            f"{arguments.peers_python} is missing: run `make .venv-bench/installed`, "
            "or leave the comparison out with --only"
        )
    try:
        pictures = choose(arguments.pictures, arguments.count, arguments.seed)
    except NoPictures as error:
        raise SystemExit(str(error)) from error
    arguments.out.mkdir(parents=True, exist_ok=True)
    sections = run(arguments, pictures)
    sys.exit(any(section.error for section in sections.values()))


def run(arguments: argparse.Namespace, pictures: Sequence[Path]) -> dict[str, Section]:
    """Measure the chosen sections; write the results after each one."""
    head = {
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine.describe(arguments.peers_python),
        "busy_at_start": os.getloadavg()[0] > BUSY * (os.cpu_count() or 1),
        "options": {
            "rounds": arguments.rounds,
            "seconds": arguments.seconds,
            "seed": arguments.seed,
            "pictures": len(pictures),
        },
    }
    done: dict[str, Section] = {}
    began = time.monotonic()
    with (
        tempfile.TemporaryDirectory() as scratch,
        tqdm(arguments.only, unit="section") as progress,
    ):
        bench = Bench(
            pictures,
            arguments.rounds,
            arguments.seconds,
            arguments.seed,
            Path(scratch),
            arguments.peers_python,
            progress,
        )
        for name in progress:
            progress.set_description(name)
            done[name] = _measured(name, bench)
            seconds = round(time.monotonic() - began, 1)
            write(arguments.out, {**head, "seconds": seconds}, done)
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    show_all(head, done, console)
    console.print(f"written to {arguments.out}", markup=False)
    return done


def show_all(head: dict[str, Any], sections: dict[str, Section], console: Console) -> None:
    """Print a warning if the machine was busy, then every section."""
    if head["busy_at_start"]:
        console.print("the machine was busy at the start: no figure is worth quoting")
    for section in sections.values():
        show(section, console)


def _measured(name: str, bench: Bench) -> Section:
    try:
        return SECTIONS[name](bench)
    except (
        HTTPException,
        NoPictures,
        ServerFailed,
        Unreadable,
        ClassifierError,
        psutil.Error,
        OSError,
    ) as error:
        return Section(name, error=f"{type(error).__name__}: {error}")


def write(folder: Path, head: dict[str, Any], sections: dict[str, Section]) -> None:
    """Write `results.json`, `tables.txt` and the plots."""
    found = {name: section.to_dict() for name, section in sections.items()}
    text = json.dumps({**head, "sections": found}, indent=1, allow_nan=False)
    (folder / "results.json").write_text(text + "\n", "utf-8")
    with (folder / "tables.txt").open("w", encoding="utf-8") as file:
        show_all(head, sections, Console(file=file, width=WIDTH))
    for section in sections.values():
        for plot in section.plots:
            draw(plot, folder)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--pictures", type=Path, default=ROOT / "data" / "images")
    parser.add_argument("--count", type=int, default=400, help="most pictures to use")
    parser.add_argument("--seed", type=int, default=1, help="chooses the pictures")
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--seconds", type=int, default=3, help="length of one load")
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=list(SECTIONS))
    # Each run has its own folder, so tables and plots of different days do not mix.
    folder = ROOT / "runs" / "bench" / datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%SZ")
    parser.add_argument("--out", type=Path, default=folder)
    parser.add_argument(
        "--peers-python", type=Path, default=ROOT / ".venv-bench" / "bin" / "python"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
