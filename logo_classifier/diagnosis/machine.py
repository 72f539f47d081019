"""Look at the processor, its share for this process, memory, load and the clock."""

from __future__ import annotations

import os
import platform
import time
from datetime import UTC, datetime
from pathlib import Path

import psutil

from logo_classifier.diagnosis.finding import Finding, Level

_CPU_INFO = Path("/proc/cpuinfo")
_MIB = 1024 * 1024

_NEEDED_BYTES = 256 * _MIB
"""A process of `classify` holds about 150 MiB; a picture of 5000 x 5000 px takes 100 MiB more."""

_SHOWN = {
    "avx2": "AVX2",
    "avx512f": "AVX-512",
    "avx_vnni": "AVX-VNNI",
    "avx512_vnni": "AVX-512 VNNI",
    "avx512_bf16": "BF16",
    "amx_int8": "AMX int8",
    "asimddp": "dot products",
    "i8mm": "int8 matrix products",
}
"""Flags of /proc/cpuinfo that matter to networks, in words."""

_FAST_INT8 = {"avx_vnni", "avx512_vnni", "asimddp", "i8mm"}


def examine_processor(cpu_info: Path = _CPU_INFO) -> Finding:
    """Tell which instructions the processor has, and what they mean for the 8-bit network."""
    try:
        text = cpu_info.read_text("utf-8")
    except OSError:
        told = f"{platform.machine()}; its instructions cannot be read on {platform.system()}"
        return Finding("processor", Level.OK, told)
    # x86 says `flags`, ARM `Features`; all cores are taken to be alike.
    lines = (line.partition(":") for line in text.splitlines())
    flags = next((set(v.split()) for k, _, v in lines if k.strip() in ("flags", "Features")), set())
    has = ", ".join(word for flag, word in _SHOWN.items() if flag in flags) or "none of note"
    told = f"{platform.machine()} with {has}"
    if flags & _FAST_INT8:
        return Finding("processor", Level.OK, f"{told}: 8-bit networks run at full speed")
    return Finding(
        "processor",
        Level.WARN,
        f"{told}, without VNNI: an 8-bit network takes several times as long",
        "take a machine with AVX-512 VNNI or AVX-VNNI if speed matters",
    )


def examine_share() -> Finding:
    """Tell how many processors this process may run on, and how busy they are."""
    all_of_them = os.cpu_count() or 1
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else all_of_them
    load = psutil.getloadavg()[0]
    told = f"{usable} of {all_of_them} processors; {load:.1f} processes want one"
    if load > all_of_them:
        return Finding("load", Level.WARN, told, "wait until others are done, or expect to wait")
    return Finding("load", Level.OK, told)


def examine_memory(needed_bytes: int = _NEEDED_BYTES) -> Finding:
    """Tell whether there is memory for a classifier."""
    free = psutil.virtual_memory().available
    told = f"{free // _MIB} MiB available"
    if free < needed_bytes:
        cure = f"free memory: a classifier with a large picture needs {needed_bytes // _MIB} MiB"
        return Finding("memory", Level.FAIL, told, cure)
    return Finding("memory", Level.OK, told)


def examine_clock(installed: Path) -> Finding:
    """Tell whether the clock is behind the time at which a file was installed."""
    now, written = time.time(), installed.stat().st_mtime
    told = datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    if now < written:
        detail = f"{told}, before {installed.name} was written"
        return Finding("clock", Level.WARN, detail, "set the clock: answers carry its time")
    return Finding("clock", Level.OK, told)
