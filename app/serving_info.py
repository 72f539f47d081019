"""What serves in this worker, as a metric: model, rules and calibration of each role."""

from __future__ import annotations

from collections.abc import Mapping
from threading import Lock
from typing import Any

from app.instruments import VERSIONS

SERVING, CANDIDATE = "serving", "candidate"

_OWN, _NONE = "own", "none"

_lock = Lock()
_shown: dict[str, tuple[str, str, str]] = {}
_live: dict[str, str | None] = {}


def show_version(role: str, info: Mapping[str, Any]) -> None:
    """Show what answers in a role; `info` is the reply of `get_model_info`.

    The calibration is `own`, `none` where the version has none, or the id of a live one.
    """
    model = f"{info['name']}/{info['version']}" if info["name"] else "rules"
    own = _OWN if info.get("calibrated") or not info["name"] else _NONE
    with _lock:
        _show(role, (model, _live.get(model) or own, str(info["rules_version"])))


def show_calibration(model: str, live: str | None) -> None:
    """Show the id of the live calibration of a model version; None for the version's own."""
    with _lock:
        if _live.get(model) == live:
            return
        _live[model] = live
        for role, (shown, _, rules) in list(_shown.items()):
            if shown == model:
                _show(role, (model, live or _OWN, rules))


def _show(role: str, labels: tuple[str, str, str]) -> None:
    before = _shown.get(role)
    if before and before != labels:
        VERSIONS.labels(role, *before).set(0)
    _shown[role] = labels
    VERSIONS.labels(role, *labels).set(1)
