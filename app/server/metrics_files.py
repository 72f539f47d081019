"""Room for the files in which workers count.

prometheus_client maps sparse files into memory. A write to a page that a full file system cannot
give ends the worker with SIGBUS and without a word, so all pages are taken before.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

KINDS = ("counter", "gauge_livemin", "gauge_livemostrecent", "gauge_livesum", "histogram")
"""The kinds of metrics of `app.instruments`, as prometheus_client begins the names of files."""

_FILE_BYTES = 256 * 1024
"""Several times what all label values of a kind take; a file does not grow beyond."""

_BYTES_BESIDE = 1024 * 1024


def require_room(folder: Path, workers: int) -> None:
    """Raise SystemExit if a folder has no room for the files of so many workers."""
    # Twice: during a reload there are two generations.
    needed = 2 * workers * len(KINDS) * _FILE_BYTES + _BYTES_BESIDE
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise SystemExit(
            f"{folder} has {free // 1024} KiB free, and {workers} workers need {needed // 1024}: "
            "remove files there or give it more room (docker run --shm-size)"
        )


def take_room(folder: Path, number: int) -> None:
    """Take the pages of a worker's files; keep what they hold. Raises OSError if one is full."""
    for kind in KINDS:
        with (folder / f"{kind}_{number}.db").open("ab") as file:
            os.posix_fallocate(file.fileno(), 0, _FILE_BYTES)
