"""How many processors this process may use: those of the machine, or of its container."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

_CGROUPS = Path("/sys/fs/cgroup")
_OWN_CGROUPS = Path("/proc/self/cgroup")


def available_processors(cgroups: Path = _CGROUPS, own: Path = _OWN_CGROUPS) -> int:
    """Return how many processors may be used, at least 1.

    The least of what the scheduler lets this process run on and the quotas of its control groups
    (cgroup v1 `cpu.cfs_quota_us`, v2 `cpu.max`; kernel documentation, admin-guide/cgroup-v2),
    rounded up.
    """
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    quotas = [quota for folder in _folders(cgroups, own) if (quota := _quota(folder)) is not None]
    return max(1, min([allowed or 1, *(-int(-quota // 1) for quota in quotas)]))


def _folders(cgroups: Path, own: Path) -> Iterator[Path]:
    """Yield the folders of this process's control groups and of those above them."""
    try:
        lines = own.read_text("utf-8").splitlines()
    except OSError:
        lines = []
    for line in lines:
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if controllers and "cpu" not in controllers.split(","):
            continue
        root = cgroups / controllers if controllers else cgroups
        below = root / path.lstrip("/")
        # In a container the path may be the host's, which is not there to be seen.
        while below != root:
            yield below
            below = below.parent
        yield root
    yield from (cgroups, cgroups / "cpu", cgroups / "cpu,cpuacct")


def _quota(folder: Path) -> float | None:
    """Return the processors that a control group's quota is worth; None without one."""
    try:
        if (folder / "cpu.max").is_file():
            quota, period = (folder / "cpu.max").read_text("utf-8").split()
        else:
            quota = (folder / "cpu.cfs_quota_us").read_text("utf-8")
            period = (folder / "cpu.cfs_period_us").read_text("utf-8")
        worth = int(quota) / int(period)
    except (OSError, ValueError, ZeroDivisionError):  # "max", -1 below, or no such file
        return None
    return worth if worth > 0 else None
