"""Find a network and check it before anything runs it.

A bundle is a folder with `config.json`, the weights that it names, and optionally
`calibration.json`. A bare `.onnx` or `.pth` file works too: with a `config.json` beside
it that names it, or by the conventions of `default_config`.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from app.classification.calibration import MethodCalibration
from app.classification.errors import ModelUnavailable
from app.classification.types import LogoType, Method, Trait

MODELS = Path(__file__).parents[2] / "models"
SHIPPED = MODELS / "logo-type" / "1.5.0"
"""The model that serves when none is named."""

_DAMAGE = (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError)
_SUFFIXES = {".onnx": "onnx", ".pth": "torch", ".pt": "torch"}
_SIDES_PX = range(32, 1025)
_CHANNELS = 3
_SMALLEST_STD = 1e-6


@dataclass(frozen=True, slots=True)
class ModelBundle:
    """Describe a checked network.

    `types` and `traits` name its logits in order; `mean` and `std`, one value a channel, scale
    pixels in 0-1 and are None where that is the graph's or the architecture's own affair.
    """

    name: str
    version: str
    weights: Path
    runtime: str
    architecture: str | None
    types: tuple[LogoType, ...]
    traits: tuple[Trait, ...]
    side_px: int
    mean: tuple[float, ...] | None
    std: tuple[float, ...] | None
    sha256: str
    calibration: dict[Method, MethodCalibration]
    routing: dict[str, float]
    """Fitted values of `RoutingPolicy`, by their names there."""


def load_bundle(path: str | os.PathLike[str]) -> ModelBundle:
    """Read and check a bundle; raise ModelUnavailable with the reason if it cannot serve."""
    place = Path(path)
    folder = place if place.is_dir() else place.parent
    try:
        config, described = _read_config(place)
        weights = folder / config["weights"]
        sha256 = hashlib.sha256(weights.read_bytes()).hexdigest()
        if config.get("sha256") not in (None, sha256):
            raise ModelUnavailable(f"the weights {weights.name} are not those of config.json")
        calibration, routing = _read_calibration(folder / "calibration.json", described)
        return _bundle(config, weights, sha256, calibration, routing)
    except OSError as error:
        raise ModelUnavailable(f"cannot read the model: {error.strerror}") from error
    except _DAMAGE as error:
        raise ModelUnavailable(f"the model's description is wrong: {error!r}") from error


def default_config(weights: Path) -> dict[str, Any]:
    """Return what is assumed of weights without a description.

    Logits stand in the order of `LogoType`, then of `Trait` if there are seven; the side is
    224 px; how pixels are scaled is left to the runtime, which knows the architecture.
    """
    return {
        "name": weights.stem,
        "version": "unversioned",
        "weights": weights.name,
        "types": [kind.value for kind in LogoType],
        "traits": [trait.value for trait in Trait],
        "input": {"side_px": 224},
    }


def _read_config(place: Path) -> tuple[dict[str, Any], bool]:
    """Return the description of the weights and whether it was read from a file."""
    beside = (place if place.is_dir() else place.parent) / "config.json"
    if place.is_dir() or beside.is_file():
        config: dict[str, Any] = json.loads(beside.read_text("utf-8"))
        if place.is_dir() or config.get("weights") == place.name:
            return config, True
    return default_config(place), False


def _bundle(
    config: dict[str, Any],
    weights: Path,
    sha256: str,
    calibration: dict[Method, MethodCalibration],
    routing: dict[str, float],
) -> ModelBundle:
    types = tuple(LogoType(name) for name in config["types"])
    traits = tuple(Trait(name) for name in config["traits"])
    _require_each_once(types, LogoType)
    _require_each_once(traits, Trait)
    side_px = int(config["input"]["side_px"])
    if side_px not in _SIDES_PX:
        raise ValueError(f"input side {side_px} px is outside {_SIDES_PX.start}-{_SIDES_PX[-1]}")
    if weights.suffix not in _SUFFIXES:
        raise ValueError(f"weights end in one of {sorted(_SUFFIXES)}, not {weights.suffix!r}")
    return ModelBundle(
        name=str(config["name"]),
        version=str(config["version"]),
        weights=weights,
        runtime=_SUFFIXES[weights.suffix],
        architecture=config.get("architecture"),
        types=types,
        traits=traits,
        side_px=side_px,
        mean=_channels(config["input"].get("mean")),
        std=_channels(config["input"].get("std"), lowest=_SMALLEST_STD),
        sha256=sha256,
        calibration=calibration,
        routing=routing,
    )


def _require_each_once(names: tuple[StrEnum, ...], known: type[StrEnum]) -> None:
    if sorted(names) != sorted(known):
        raise ValueError(f"each of {[name.value for name in known]} must be named once")


def _channels(values: list[float] | None, lowest: float = -math.inf) -> tuple[float, ...] | None:
    if values is None:
        return None
    channels = tuple(float(value) for value in values)
    if len(channels) != _CHANNELS:
        raise ValueError(f"mean and std have {_CHANNELS} values each, not {len(channels)}")
    if not all(math.isfinite(value) and value >= lowest for value in channels):
        raise ValueError(f"mean is finite and std above 0, not {channels}")
    return channels


def _read_calibration(
    path: Path, described: bool
) -> tuple[dict[Method, MethodCalibration], dict[str, float]]:
    if not described or not path.is_file():
        return {}, {}
    data = json.loads(path.read_text("utf-8"))
    methods = (Method.NEURAL_NETWORK, Method.ENSEMBLE)
    fitted = {m: MethodCalibration.from_dict(data[m.value]) for m in methods}
    routing = {"rule_weight": float(data["rule_weight"])}
    if "rules_complexity" in data:  # models before 1.1.0 leave it to the policy
        routing["rules_complexity"] = float(data["rules_complexity"])
    for name, value in routing.items():
        if not 0 <= value <= 1:
            raise ValueError(f"{name} must be 0 to 1, not {value}")
    return fitted, routing
