"""An audit that audited nothing does not pass for one."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

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
