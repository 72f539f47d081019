"""A benchmark of a candidate counts every answer by its version."""

from __future__ import annotations

from pathlib import Path

from benchmarks.candidate import ask_all, candidate_of
from benchmarks.service import serving


def test_every_request_counts_under_the_version_that_answered(golden: dict[Path, str]) -> None:
    trial = {"LOGO_CANDIDATE": "logo-type/1.5.0", "LOGO_CANDIDATE_SHARE": "1"}
    pictures = [*sorted(golden)[:3], Path("README.md")]

    with serving(**trial) as served:
        counted = ask_all(served.address, pictures, count=8, clients=2)
        said = candidate_of(served.address)

    assert counted == {"logo-type/1.5.0": 6, "415": 2}
    assert (said["name"], said["tried"]) == ("logo-type/1.5.0", True)
