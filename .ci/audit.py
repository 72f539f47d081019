"""Audit the pinned packages for known flaws, and say how many were audited.

    python .ci/audit.py requirements.txt requirements-serve.txt

A package index that is a mirror may know no advisories: pip-audit then skips every package and
calls that a pass. Here none audited is no pass, and is said so, but fails no build that cannot
reach the advisories. Where some can be had, a flaw fails; so does a pip-audit that breaks.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any


def judge(report: dict[str, Any]) -> tuple[str, bool]:
    """Return what a report of pip-audit says in one line, and whether the build may go on."""
    packages = report["dependencies"]
    audited = [package for package in packages if "skip_reason" not in package]
    flawed = [
        f"{package['name']} {package['version']} ({flaw['id']})"
        for package in audited
        for flaw in package["vulns"]
    ]
    said = f"pip-audit: {len(audited)} of {len(packages)} packages audited"
    if flawed:
        return f"{said}; known flaws: {', '.join(flawed)}", False
    if not audited:
        return f"{said}: this is no pass, the advisories are out of reach", True
    skipped = [package["name"] for package in packages if "skip_reason" in package]
    return said + (f"; skipped: {', '.join(skipped)}" if skipped else ""), True


def main() -> None:
    """Run the command line."""
    command = [sys.executable, "-m", "pip_audit", "--no-deps", "--disable-pip"]
    options = ["--progress-spinner", "off", "--format", "json"]
    files = [part for file in sys.argv[1:] for part in ("--requirement", file)]
    done = subprocess.run([*command, *options, *files], capture_output=True, text=True, check=False)  # noqa: S603
    last = done.stderr.strip().rpartition("\n")[2]
    try:
        said, may_go_on = judge(json.loads(done.stdout))
    except (ValueError, TypeError, LookupError):
        sys.exit(f"pip-audit broke, nothing was audited: {last}")
    if done.returncode and may_go_on:
        sys.exit(f"pip-audit broke: {last}")
    sys.stdout.write(f"{said}\n")
    sys.exit(0 if may_go_on else 1)


if __name__ == "__main__":
    main()
