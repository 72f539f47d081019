"""Tune glibc's malloc for a process that decodes pictures."""

from __future__ import annotations

import ctypes

_MALLOPT_TRIM_THRESHOLD = -1
_MALLOPT_MMAP_THRESHOLD = -3
_MALLOPT_ARENA_MAX = -8
_ARENAS = 2
_KEPT_BYTES = 32 * 1024 * 1024


def set_up_malloc() -> None:
    """Limit this process and its children to two arenas, which keep up to 32 MiB of freed memory.

    By default glibc uses up to eight arenas per core, and each keeps its freed memory. It returns
    the memory of larger pictures to the kernel after every step, and the kernel must zero it again
    for the next step (mallopt(3)). Does nothing if the C library has no `mallopt`.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt:
        mallopt(_MALLOPT_ARENA_MAX, _ARENAS)
        mallopt(_MALLOPT_TRIM_THRESHOLD, _KEPT_BYTES)
        mallopt(_MALLOPT_MMAP_THRESHOLD, _KEPT_BYTES)
