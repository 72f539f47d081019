"""The machine is told as it is."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from logo_classifier import Level
from logo_classifier.diagnosis.machine import (
    examine_clock,
    examine_memory,
    examine_processor,
    examine_share,
)


@pytest.mark.parametrize(
    ("text", "level", "told"),
    [
        ("flags\t\t: fpu avx2 avx512f avx512_vnni amx_int8\n", Level.OK, "AVX-512 VNNI, AMX int8"),
        ("flags\t\t: fpu avx2 avx_vnni\n", Level.OK, "AVX2, AVX-VNNI: 8-bit networks run at full"),
        ("flags\t\t: fpu avx2\n", Level.WARN, "AVX2, without VNNI"),
        ("Features\t: fp asimd asimddp i8mm\n", Level.OK, "dot products, int8 matrix products"),
        ("processor\t: 0\n", Level.WARN, "none of note"),
    ],
)
def test_a_processor_is_judged_by_its_instructions_for_8_bit_integers(
    tmp_path: Path, text: str, level: Level, told: str
) -> None:
    (tmp_path / "cpuinfo").write_text(text)

    finding = examine_processor(tmp_path / "cpuinfo")

    assert finding.level is level
    assert told in finding.detail
    assert bool(finding.cure) is (level is Level.WARN)


def test_a_system_that_does_not_tell_is_no_fault(tmp_path: Path) -> None:
    finding = examine_processor(tmp_path / "none")

    assert finding.level is Level.OK
    assert "cannot be read" in finding.detail


def test_too_little_memory_fails_with_what_is_needed() -> None:
    assert examine_memory(1).level is Level.OK

    finding = examine_memory(1 << 60)

    assert finding.level is Level.FAIL
    assert f"needs {(1 << 60) // (1 << 20)} MiB" in finding.cure


def test_a_clock_behind_its_own_files_is_told(tmp_path: Path) -> None:
    file = tmp_path / "installed.py"
    file.touch()
    assert examine_clock(file).level is Level.OK

    os.utime(file, (time.time() + 3600,) * 2)

    assert examine_clock(file).level is Level.WARN


def test_the_share_of_this_process_is_told() -> None:
    usable = len(os.sched_getaffinity(0))

    assert examine_share().detail.startswith(f"{usable} of {os.cpu_count()} processors")
