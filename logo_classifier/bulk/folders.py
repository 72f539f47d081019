"""Write files so that each is there whole or not at all, whatever is killed when."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

UNFINISHED = ".tmp"


@contextmanager
def whole_file(place: Path) -> Iterator[Path]:
    """Give a hidden path to write to; what was written appears as `place` at the end.

    The data is on the disk before the name is (fsync of the file, rename, fsync of the folder), so
    not even a loss of power shows half a file under this name. Two writers do not disturb each
    other: each has a file of its own, and the last to finish wins.
    """
    draft = place.with_name(f".{place.name}.{os.uname().nodename}.{os.getpid()}{UNFINISHED}")
    try:
        yield draft
        sync(draft)
        os.replace(draft, place)
        sync(place.parent)
    finally:
        with suppress(FileNotFoundError):
            draft.unlink()


def sync(place: Path) -> None:
    """Wait until a file or a folder is on the disk."""
    handle = os.open(place, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sweep(folder: Path) -> None:
    """Remove what killed writers left in a folder."""
    for left in folder.glob(f".*{UNFINISHED}"):
        with suppress(FileNotFoundError):
            left.unlink()
