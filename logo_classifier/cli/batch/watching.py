"""Tell how far a batch job is: a bar on a terminal, a line from time to time elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import click

from logo_classifier.bulk.shards import OnProgress, Progress

_LINE_SECONDS = 10.0


class _Rate:
    """Count since the start of this run: what an earlier run did says nothing of the speed."""

    def __init__(self, before: int, total: int, failed: int) -> None:
        self.before, self.total, self.failed = before, total, failed
        self.done = before
        self._started = time.monotonic()

    def take(self, progress: Progress) -> None:
        self.done = self.before + progress.pictures
        self.failed += progress.finished["failed"]

    def __str__(self) -> str:
        seconds = time.monotonic() - self._started
        speed = (self.done - self.before) / seconds if seconds else 0.0
        left = f"{(self.total - self.done) / speed:.0f} s left" if speed else "time left unknown"
        return f"{speed:.1f} pictures/s, {self.failed} failed, {left}"


@contextmanager
def shown(before: int, total: int, failed: int) -> Iterator[OnProgress]:
    """Give what takes the progress of a run; `before` pictures of `total` are done already."""
    rate = _Rate(before, total, failed)
    if sys.stderr.isatty():
        with _bar(rate) as take:
            yield take
    else:
        yield _lines(rate)


def _lines(rate: _Rate) -> OnProgress:
    told = time.monotonic()

    def take(progress: Progress) -> None:
        nonlocal told
        rate.take(progress)
        if time.monotonic() - told >= _LINE_SECONDS:
            told = time.monotonic()
            click.echo(f"{rate.done} of {rate.total} pictures, {rate}", err=True)

    return take


@contextmanager
def _bar(rate: _Rate) -> Iterator[OnProgress]:
    from rich import progress as bars  # noqa: PLC0415
    from rich.console import Console  # noqa: PLC0415 - pipes need none of it

    columns = (bars.BarColumn(), bars.MofNCompleteColumn(), bars.TextColumn("{task.description}"))
    with bars.Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(str(rate), total=rate.total, completed=rate.done)

        def take(progress: Progress) -> None:
            rate.take(progress)
            bar.update(task, completed=rate.done, description=str(rate))

        yield take
