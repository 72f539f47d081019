"""Read and check the folder of a model version before any part of it runs.

A bundle is a folder with `config.json`, the weights that it names, and optionally `rules.json`,
`calibration.json` and `policy.json`, which are fitted together. If `config.json` has digests
(`sha256`: file name to SHA-256), it has one for each of these files. A bare `.onnx` or `.pth` file
works too. It is described by a `config.json` beside it that names it, or by `default_config`.
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

from logo_classifier.decision.calibration import MethodCalibration
from logo_classifier.decision.routing import RoutingPolicy
from logo_classifier.errors import ModelUnavailable
from logo_classifier.values import LogoType, Method, Trait

_DAMAGE = (ValueError, KeyError, TypeError, AttributeError, OverflowError, RuntimeError)
_SUFFIXES = {".onnx": "onnx", ".pth": "torch", ".pt": "torch"}
_SIDES_PX = range(32, 1025)
_CHANNELS = 3
_SMALLEST_STD = 1e-6

CONFIG, RULES = "config.json", "rules.json"
CALIBRATION, POLICY = "calibration.json", "policy.json"


@dataclass(frozen=True, slots=True)
class ModelBundle:
    """A checked bundle; nothing of it is loaded yet.

    `types` and `traits` name the network's logits in order. `mean` and `std`, one value per
    channel, normalise pixels in 0-1; None if the graph does this or the architecture implies it.
    `sha256` is the digest of the weights.
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
    rules: dict[str, Any] | None
    """The content of `rules.json`; None if the bundle has no rules of its own."""
    calibration: dict[Method, MethodCalibration]
    policy: RoutingPolicy | None

    def read_weights(self) -> bytes:
        """Return the weights; raise ModelUnavailable if they are no longer those checked."""
        try:
            data = self.weights.read_bytes()
        except OSError as error:
            raise ModelUnavailable(f"cannot read the model: {error.strerror}") from error
        if hashlib.sha256(data).hexdigest() != self.sha256:
            raise ModelUnavailable(f"{self.weights.name} has changed since it was checked")
        return data


def load_bundle(path: str | os.PathLike[str]) -> ModelBundle:
    """Read and check a bundle; raise ModelUnavailable with the reason if it is not usable."""
    place = Path(path)
    try:
        folder = place if place.is_dir() else place.parent
        config, described = _read_config(place)
        files = _Files(folder, config.get("sha256"), described)
        weights = files.read(config["weights"])
        return _bundle(config, weights, files)
    except OSError as error:
        name = Path(os.fsdecode(error.filename or place)).name
        raise ModelUnavailable(f"cannot read the model: {error.strerror} ({name})") from error
    except _DAMAGE as error:
        raise ModelUnavailable(f"the model's description is wrong: {error!r}") from error


@dataclass(frozen=True, slots=True)
class _Files:
    """The files of a folder, each checked against its digest unless `digests` is None.

    If no `config.json` describes the weights, no other file is read.
    """

    folder: Path
    digests: dict[str, str] | None
    described: bool

    def __post_init__(self) -> None:
        if not isinstance(self.digests, dict | None):
            raise TypeError("sha256 maps the name of each file to its digest")

    def read(self, name: str) -> bytes:
        """Return the bytes of a file inside the folder after checking its digest."""
        if Path(name).name != name:
            raise ModelUnavailable(f"config.json names {name!r}, which is outside its folder")
        path = self.folder / name
        if self.described and not path.resolve().is_relative_to(self.folder.resolve()):
            raise ModelUnavailable(f"{name} is a link that leads outside its folder")
        data = path.read_bytes()
        if self.digests is not None and self.digests.get(name) != hashlib.sha256(data).hexdigest():
            raise ModelUnavailable(f"{name} is not what config.json names by its SHA-256")
        return data

    def read_json(self, name: str) -> dict[str, Any] | None:
        """Return the object in a JSON file; None if the file does not exist and has no digest."""
        is_wanted = name in (self.digests or {}) or os.path.lexists(self.folder / name)
        if not (self.described and is_wanted):
            return None
        found = json.loads(self.read(name))
        if not isinstance(found, dict):
            raise TypeError(f"{name} holds {type(found).__name__}, not an object")
        return found


def default_config(weights: Path) -> dict[str, Any]:
    """Return the assumed description of weights without a `config.json`.

    Logits are in the order of `LogoType`, then of `Trait` if there are seven. The side is 224 px.
    The runtime knows the architecture and normalises the pixels for it.
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
    folder = place if place.is_dir() else place.parent
    beside = folder / CONFIG
    if place.is_dir() or beside.is_file():
        if not beside.resolve().is_relative_to(folder.resolve()):
            raise ModelUnavailable(f"{CONFIG} is a link that leads outside its folder")
        config: dict[str, Any] = json.loads(beside.read_text("utf-8"))
        if place.is_dir() or config.get("weights") == place.name:
            return config, True
        raise ModelUnavailable(
            f"{CONFIG} beside {place.name} describes {config.get('weights')!r}: let its `weights` "
            f"name {place.name}, or move one of them to a folder of its own"
        )
    return default_config(place), False


def _bundle(config: dict[str, Any], weights: bytes, files: _Files) -> ModelBundle:
    types = tuple(LogoType(name) for name in config["types"])
    traits = tuple(Trait(name) for name in config["traits"])
    _require_each_once(types, LogoType)
    _require_each_once(traits, Trait)
    side_px = int(config["input"]["side_px"])
    if side_px not in _SIDES_PX:
        raise ValueError(f"input side {side_px} px is outside {_SIDES_PX.start}-{_SIDES_PX[-1]}")
    path = files.folder / config["weights"]
    if path.suffix not in _SUFFIXES:
        raise ValueError(f"weights end in one of {sorted(_SUFFIXES)}, not {path.suffix!r}")
    return ModelBundle(
        name=_text(config["name"]),
        version=_text(config["version"]),
        weights=path,
        runtime=_SUFFIXES[path.suffix],
        architecture=config.get("architecture"),
        types=types,
        traits=traits,
        side_px=side_px,
        mean=_channels(config["input"].get("mean")),
        std=_channels(config["input"].get("std"), lowest=_SMALLEST_STD),
        sha256=hashlib.sha256(weights).hexdigest(),
        rules=files.read_json(RULES),
        calibration=_calibration(files.read_json(CALIBRATION)),
        policy=_policy(files.read_json(POLICY)),
    )


def _text(value: object) -> str:
    text = str(value)
    text.encode()  # a lone surrogate could be written nowhere
    return text


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


def _calibration(data: dict[str, Any] | None) -> dict[Method, MethodCalibration]:
    if data is None:
        return {}
    if "rule_weight" in data:
        raise ValueError(f"rule_weight and rules_complexity belong into {POLICY}")
    methods = (Method.NEURAL_NETWORK, Method.ENSEMBLE)
    return {method: MethodCalibration.from_dict(data[method.value]) for method in methods}


def _policy(data: dict[str, Any] | None) -> RoutingPolicy | None:
    if data is None:
        return None
    return RoutingPolicy(**{name: float(value) for name, value in data.items()})
