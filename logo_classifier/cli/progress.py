"""Show on a terminal how far a command is; rich is imported only there."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from rich.console import Console

T = TypeVar("T")

_SPARSE = 2
"""So few pictures need no bar."""


def on_terminal() -> bool:
    """Return whether a person reads the data of this command as it comes."""
    return sys.stdout.isatty()


def watched(
    items: Iterable[T], total: Iterable[object], console: Console | None = None
) -> Iterator[T]:
    """Yield the items below which a bar moves, where somebody watches; `total` is counted for it.

    `console` is the one that the items are printed to, if it is a terminal. Otherwise the bar goes
    to the standard error.
    """
    if not (console or sys.stderr.isatty()):
        yield from items
        return
    count = sum(1 for _ in total)
    if count <= _SPARSE:
        yield from items
        return
    from rich.console import Console  # noqa: PLC0415 - pipes need none of it
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn  # noqa: PLC0415

    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    shown_on = console or Console(stderr=True)
    # Data that goes through a pipe must not be taken for lines above the bar.
    with Progress(*columns, console=shown_on, transient=True, redirect_stdout=False) as bar:
        yield from bar.track(items, total=count)
