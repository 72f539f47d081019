"""Put the parts of a model version into its folder, each named by its SHA-256 in `config.json`."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from logo_classifier.network.bundle import CALIBRATION, POLICY, RULES

CONFIG = "config.json"


def write_part(bundle: Path, name: str, text: str) -> None:
    """Write one part of a bundle and seal it.

    Rules take away a calibration and a policy that were fitted to other ones.
    """
    bundle.mkdir(parents=True, exist_ok=True)
    if name == RULES:
        forget_fit(bundle)
    (bundle / name).write_text(text, "utf-8")
    seal(bundle)


def forget_fit(bundle: Path) -> None:
    """Take away what was fitted to rules and weights that are about to change."""
    for name in (CALIBRATION, POLICY):
        (bundle / name).unlink(missing_ok=True)


def seal(bundle: Path) -> None:
    """Name every part that is there by its digest in `config.json`, if that is there yet."""
    path = bundle / CONFIG
    if not path.is_file():
        return
    config = json.loads(path.read_text("utf-8"))
    parts = [config["weights"], RULES, CALIBRATION, POLICY]
    config["sha256"] = {
        name: hashlib.sha256((bundle / name).read_bytes()).hexdigest()
        for name in parts
        if (bundle / name).is_file()
    }
    path.write_text(json.dumps(config, indent=2) + "\n", "utf-8")
