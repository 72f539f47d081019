"""Metrics never meet a full file system while they count."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from prometheus_client import REGISTRY, Counter, Gauge, Histogram

from app import instruments
from app.server import metrics_files
from app.server.metrics_files import KINDS, require_room, take_room


def test_a_folder_with_room_is_accepted(tmp_path: Path) -> None:
    require_room(tmp_path, 1)


def test_too_little_room_is_told_with_both_amounts_and_a_cure(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"KiB free, and 10{9} workers need \d+: .*--shm-size"):
        require_room(tmp_path, 10**9)


def test_all_pages_are_taken_and_what_is_counted_stays(tmp_path: Path) -> None:
    take_room(tmp_path, 3)
    (file, *_) = sorted(tmp_path.iterdir())
    with file.open("r+b") as counted:
        counted.write(b"counted")

    take_room(tmp_path, 3)

    assert {each.name for each in tmp_path.iterdir()} == {
        "counter_3.db",
        "gauge_livemin_3.db",
        "gauge_livemostrecent_3.db",
        "gauge_livesum_3.db",
        "histogram_3.db",
    }
    assert all(
        each.stat().st_blocks * 512 >= each.stat().st_size > 0 for each in tmp_path.iterdir()
    )
    assert file.read_bytes().startswith(b"counted")


def test_a_full_file_system_is_an_error_and_no_signal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(metrics_files.os, "posix_fallocate", full)

    with pytest.raises(OSError, match="No space left"):
        take_room(tmp_path, 0)


def test_every_kind_of_metric_has_room() -> None:
    kinds = {
        f"gauge_{each._multiprocess_mode}" if isinstance(each, Gauge) else each._type
        for each in REGISTRY._collector_to_names
        if isinstance(each, Counter | Gauge | Histogram) and each._name.startswith("logo_")
    }

    assert instruments.REQUESTS
    assert kinds == set(KINDS)
