"""Start live calibration in a worker."""

from __future__ import annotations

from app.config import Settings
from app.live.adoption import ledger_of
from app.live.in_force import InForce
from app.live.watching import watch
from app.rollout import asked_for


def start_live(settings: Settings) -> InForce | None:
    """Return what is in force, and begin to watch live answers; None if that is not asked for."""
    ledger = ledger_of(settings)
    if ledger is None or settings.live_calibration == "off":
        return None
    model = asked_for(settings)
    watch(settings, ledger, model)
    return InForce(ledger, [model, *([settings.candidate] if settings.candidate else [])])
