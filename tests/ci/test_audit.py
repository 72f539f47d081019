"""An audit that audited nothing does not pass for one."""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

AUDIT = Path(__file__).parents[2] / ".ci" / "audit.py"
judge: Callable[[dict[str, Any]], tuple[str, bool]] = runpy.run_path(str(AUDIT))["judge"]

SOUND = {"name": "numpy", "version": "2.4.6", "vulns": []}
FLAWED = {"name": "pillow", "version": "1.0", "vulns": [{"id": "CVE-1"}, {"id": "CVE-2"}]}
SKIPPED = {"name": "redis", "skip_reason": "not found"}


def test_where_nothing_was_audited_that_is_said_and_the_build_goes_on() -> None:
    said, may_go_on = judge({"dependencies": [SKIPPED, SKIPPED]})

    assert said.startswith("pip-audit: 0 of 2 packages audited: this is no pass")
    assert may_go_on


def test_sound_packages_pass_and_are_counted() -> None:
    assert judge({"dependencies": [SOUND]}) == ("pip-audit: 1 of 1 packages audited", True)


def test_what_was_skipped_beside_them_is_named() -> None:
    said, may_go_on = judge({"dependencies": [SOUND, SKIPPED]})

    assert said == "pip-audit: 1 of 2 packages audited; skipped: redis"
    assert may_go_on


def test_a_known_flaw_fails_and_is_named() -> None:
    said, may_go_on = judge({"dependencies": [SOUND, FLAWED, SKIPPED]})

    assert "known flaws: pillow 1.0 (CVE-1), pillow 1.0 (CVE-2)" in said
    assert not may_go_on


@pytest.mark.parametrize(
    ("printed", "status", "passes"),
    [
        ('{"dependencies": [{"name": "a", "version": "1", "vulns": []}]}', 0, True),
        ('{"dependencies": [{"name": "a", "skip_reason": "unknown"}]}', 0, True),
        ('{"dependencies": [{"name": "a", "version": "1", "vulns": []}]}', 1, False),
        ('{"dependencies": [{"name": "a", "version": "1"}]}', 0, False),
        ("[]", 0, False),
        ("null", 0, False),
        ("", 1, False),
    ],
)
def test_a_pip_audit_that_breaks_fails(
    tmp_path: Path, printed: str, status: int, passes: bool
) -> None:
    fake = tmp_path / "pip_audit.py"
    fake.write_text(f"import sys\nprint({printed!r})\nsys.exit({status})\n")

    done = subprocess.run(
        [sys.executable, AUDIT, "requirements.txt"],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode == 0) is passes
    assert "Traceback" not in done.stderr
    assert "pip-audit" in done.stdout + done.stderr
