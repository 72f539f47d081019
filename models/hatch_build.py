"""Put the shipped model version into the wheel, at `logo_classifier/models`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_PARTS = ("config.json", "rules.json", "calibration.json", "policy.json", "model.onnx")


class ShippedModelHook(BuildHookInterface):  # type: ignore[type-arg]
    """Add `models/shipped` and what serves of the version that it names."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Name the files to include; an editable install finds them in the checkout."""
        if version == "editable":
            return
        models = Path(self.root) / "models"
        shipped = (models / "shipped").read_text("utf-8").strip()
        for name in ("shipped", *(f"{shipped}/{part}" for part in _PARTS)):
            build_data["force_include"][str(models / name)] = f"logo_classifier/models/{name}"
