"""A container's limit counts, in either version of control groups."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from app.config import Settings
from app.processors import available_processors

ALL = len(os.sched_getaffinity(0))


def write(folder: Path, **files: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text + "\n")


def own(folder: Path, *lines: str) -> Path:
    path = folder / "self"
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def affinity(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(16)))


@pytest.mark.usefixtures("affinity")
@pytest.mark.parametrize(
    ("quota", "expected"),
    [
        ("max 100000", 16),
        ("100000 100000", 1),
        ("150000 100000", 2),
        ("50000 100000", 1),
        ("400000 100000", 4),
        ("6400000 100000", 16),
        ("0 100000", 16),
        ("nonsense", 16),
        ("", 16),
    ],
)
def test_the_second_version_names_quota_and_period(
    tmp_path: Path, quota: str, expected: int
) -> None:
    write(tmp_path / "cgroup", cpu__max=quota)

    assert available_processors(tmp_path / "cgroup", own(tmp_path, "0::/")) == expected


@pytest.mark.usefixtures("affinity")
@pytest.mark.parametrize(("quota", "expected"), [("-1", 16), ("200000", 2), ("250000", 3)])
@pytest.mark.parametrize("place", ["cpu", "cpu,cpuacct"])
def test_the_first_version_has_a_file_for_each(
    tmp_path: Path, place: str, quota: str, expected: int
) -> None:
    folder = tmp_path / "cgroup" / place
    write(folder, cpu__cfs_quota_us=quota, cpu__cfs_period_us="100000")
    lines = ("3:memory:/", f"2:{place}:/docker/0123")

    assert available_processors(tmp_path / "cgroup", own(tmp_path, *lines)) == expected


@pytest.mark.usefixtures("affinity")
def test_the_least_of_nested_groups_counts(tmp_path: Path) -> None:
    root = tmp_path / "cgroup"
    write(root / "kube" / "pod" / "box", cpu__max="max 100000")
    write(root / "kube" / "pod", cpu__max="300000 100000")
    write(root / "kube", cpu__max="800000 100000")

    assert available_processors(root, own(tmp_path, "0::/kube/pod/box")) == 3


@pytest.mark.usefixtures("affinity")
def test_a_path_that_only_the_host_sees_leaves_the_root_of_the_container(tmp_path: Path) -> None:
    write(tmp_path / "cgroup", cpu__max="200000 100000")

    assert available_processors(tmp_path / "cgroup", own(tmp_path, "0::/host/only/path")) == 2


def test_without_control_groups_the_scheduler_decides(tmp_path: Path) -> None:
    assert available_processors(tmp_path / "none", tmp_path / "nothing") == ALL


def test_the_service_has_as_many_workers_at_most_four(monkeypatch: pytest.MonkeyPatch) -> None:
    for processors, workers in ((1, 1), (3, 3), (64, 4)):
        monkeypatch.setattr("app.config.available_processors", lambda found=processors: found)
        assert Settings().workers == workers
