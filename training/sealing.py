"""Write the parts of a model version into its folder, and their SHA-256 into `config.json`."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from logo_classifier.network.bundle import CALIBRATION, CONFIG, POLICY, RULES
from logo_classifier.versions.golden import GOLDEN


def write_part(bundle: Path, name: str, text: str) -> None:
    """Write one part of a bundle and update the digests.

    New rules remove the calibration and the policy, which were fitted to other rules. Any new part
    removes the recorded answers, which others would have given.
    """
    bundle.mkdir(parents=True, exist_ok=True)
    if name == RULES:
        forget_fit(bundle)
    (bundle / GOLDEN).unlink(missing_ok=True)
    (bundle / name).write_text(text, "utf-8")
    seal(bundle)


def forget_fit(bundle: Path) -> None:
    """Remove what was fitted to rules or weights that are about to change."""
    for name in (CALIBRATION, POLICY, GOLDEN):
        (bundle / name).unlink(missing_ok=True)


def seal(bundle: Path) -> None:
    """Write the digest of every existing part into `config.json`, if that file exists."""
    path = bundle / CONFIG
    if not path.is_file():
        return
    config = json.loads(path.read_text("utf-8"))
    parts = [config["weights"], RULES, CALIBRATION, POLICY, GOLDEN]
    config["sha256"] = {
        name: hashlib.sha256((bundle / name).read_bytes()).hexdigest()
        for name in parts
        if (bundle / name).is_file()
    }
    path.write_text(json.dumps(config, indent=2) + "\n", "utf-8")
