"""Measure a batch job: pictures per second of one worker and of several, and memory over time.

    python -m benchmarks.bulk data/images --pictures 20000 --workers 1 2

Names are links to pictures of the folder, repeated until there are enough. Both jobs run in one
call, since speeds of different times cannot be compared. A rate counts from the first picture
that was answered; the seconds before it, in which workers load, stand beside it. Processor time
a picture, start included, tells what several workers cost each other even on a busy machine.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import psutil

from benchmarks.pictures import choose
from logo_classifier.bulk.job import finish, opened_job, unfinished
from logo_classifier.bulk.local import LocalEngine
from logo_classifier.bulk.models import find_model
from logo_classifier.bulk.settings import Settings
from logo_classifier.bulk.shards import Progress
from logo_classifier.bulk.sources import open_source
from logo_classifier.pictures.limits import BROWSER_FORMATS

_MB = 1 << 20
_LOOKS = 10
"""How often memory is read in a job: at each tenth of the pictures."""


@dataclass(slots=True)
class Measured:
    """What was seen of one job; memory is in MB (2^20 bytes), at each tenth of the pictures."""

    pictures: int
    started: float = field(default_factory=time.monotonic)
    cpu_before: float = field(default_factory=lambda: _cpu_seconds())  # noqa: PLW0108 - defined below
    first: float | None = None
    first_pictures: int = 0
    last: float = 0.0
    master_mb: list[float] = field(default_factory=list)
    cpu_seconds: float = 0.0
    largest_worker_mb: list[float] = field(default_factory=list)

    def take(self, progress: Progress) -> None:
        """Take the progress of the job."""
        self.last = time.monotonic()
        if self.first is None and progress.pictures:
            self.first, self.first_pictures = self.last, progress.pictures
        if progress.pictures * _LOOKS >= self.pictures * (len(self.master_mb) + 1):
            own = psutil.Process()
            self.master_mb.append(own.memory_info().rss / _MB)
            self.largest_worker_mb.append(max(map(_rss, own.children()), default=0) / _MB)
            self.cpu_seconds = _cpu_seconds() - self.cpu_before

    @property
    def rate(self) -> float:
        """Return pictures per second after the first one."""
        return (self.pictures - self.first_pictures) / (self.last - (self.first or self.started))

    def __str__(self) -> str:
        start = (self.first or self.last) - self.started
        cpu_ms = 1000 * self.cpu_seconds / self.pictures
        lines = [
            f"{self.rate:.1f} pictures/s, {cpu_ms:.1f} ms of processor time a picture, "
            f"{start:.1f} s until the first one"
        ]
        for name, values in (("master", self.master_mb), ("worker", self.largest_worker_mb)):
            shown = " ".join(f"{value:.0f}" for value in values)
            lines.append(f"  MB of the {name} at each tenth: {shown}")
        return "\n".join(lines)


def run_job(source: Path, folder: Path, workers: int) -> Measured:
    """Answer all pictures of a folder once; return what was seen."""
    settings = Settings(find_model(None), "auto", "parquet", BROWSER_FORMATS)
    with opened_job(folder, open_source(str(source)), settings) as job:
        shards = unfinished(job)
        measured = Measured(sum(1 for _ in source.iterdir()))
        LocalEngine(job, workers, measured.take).run(shards)
        finish(job)
    return measured


def _cpu_seconds() -> float:
    """Return the processor time of this process and all that it started, ended or not."""
    own = psutil.Process()
    times = [own.cpu_times(), *map(_times, own.children())]
    ended = times[0].children_user + times[0].children_system
    return float(ended + sum(each.user + each.system for each in times if each))


def _times(process: psutil.Process) -> Any:
    try:
        return process.cpu_times()
    except psutil.Error:  # it ended meanwhile
        return None


def _rss(process: psutil.Process) -> float:
    try:
        return float(process.memory_info().rss)
    except psutil.Error:  # it ended meanwhile
        return 0.0


def main() -> None:
    """Print the rates and the memory of jobs with different numbers of workers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pictures", type=int, default=20_000)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    chosen = parser.parse_args()
    rates = {}
    with tempfile.TemporaryDirectory() as temporary:
        source = Path(temporary) / "pictures"
        source.mkdir()
        pictures = cycle(choose(chosen.folder.resolve(), chosen.pictures, seed=0))
        for number, picture in enumerate(islice(pictures, chosen.pictures)):
            (source / f"{number:08}{picture.suffix}").symlink_to(picture)
        for workers in chosen.workers:
            measured = run_job(source, Path(temporary) / f"answers-{workers}", workers)
            rates[workers] = measured.rate
            print(f"{workers} workers: {measured}", flush=True)
    fewest = min(rates)
    for workers, rate in rates.items():
        share = rate / workers / (rates[fewest] / fewest)
        print(f"{workers} workers: {100 * share:.0f} % of {workers} times the speed of one")


if __name__ == "__main__":
    main()
