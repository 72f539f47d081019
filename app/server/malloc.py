"""Set up the C library's malloc for a process that decodes pictures."""

from __future__ import annotations

import ctypes

_MALLOPT_TRIM_THRESHOLD = -1
_MALLOPT_MMAP_THRESHOLD = -3
_MALLOPT_ARENA_MAX = -8
_ARENAS = 2
_KEPT_BYTES = 32 * 1024 * 1024


def set_up_malloc() -> None:
    """Let this process and its children share two arenas of glibc's malloc and keep what they free.

    By itself glibc opens up to eight arenas a core, each of which keeps what was freed in it, and
    gives the memory of larger pictures back to the kernel after every step, which then clears it
    for the next one (mallopt(3)). Up to 32 MiB an arena are kept instead.
    Does nothing where the C library has no such settings.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt:
        mallopt(_MALLOPT_ARENA_MAX, _ARENAS)
        mallopt(_MALLOPT_TRIM_THRESHOLD, _KEPT_BYTES)
        mallopt(_MALLOPT_MMAP_THRESHOLD, _KEPT_BYTES)
