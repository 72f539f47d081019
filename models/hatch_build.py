"""Put the shipped model version and the golden pictures into wheels and sdists."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ShippedModelHook(BuildHookInterface):  # type: ignore[type-arg]
    """Add `models/shipped` and the parts of the version that it names, as `config.json` does."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Name the files to include; an editable install finds them in the checkout."""
        if version == "editable":
            return
        models = Path(self.root) / "models"
        shipped = (models / "shipped").read_text("utf-8").strip()
        config = json.loads((models / shipped / "config.json").read_text("utf-8"))
        parts = ["config.json", "metrics.json", *config["sha256"]]
        place = "models" if self.target_name == "sdist" else "logo_classifier/models"
        golden = sorted(f"golden/{path.name}" for path in (models / "golden").iterdir())
        for name in ("shipped", *golden, *(f"{shipped}/{part}" for part in parts)):
            build_data["force_include"][str(models / name)] = f"{place}/{name}"
