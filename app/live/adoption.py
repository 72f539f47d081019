"""Find the ledger of a service, and let its labels propose a calibration or adopt one."""

from __future__ import annotations

import hashlib
import time

from app.config import Settings
from logo_classifier import (
    CalibrationLedger,
    LiveCalibration,
    Proposal,
    open_feedback,
    open_ledger,
    propose,
)


def ledger_of(settings: Settings) -> CalibrationLedger | None:
    """Return the ledger of the store of feedback; None where no feedback is kept."""
    return open_ledger(settings.feedback_url) if settings.feedback_url else None


def propose_for(settings: Settings, ledger: CalibrationLedger, model: str) -> Proposal:
    """Return what the labels of a version (name/version) propose beside what is in force.

    Raises FeedbackUnavailable or LedgerUnavailable.
    """
    history = ledger.history(model)
    last = history[-1] if history else None
    # Which half a picture is in must stay the same, and must not be known to clients.
    secret = "\0".join(("halves", settings.feedback_url, *settings.api_keys))
    return propose(
        open_feedback(settings.feedback_url).labelled(),
        model,
        last.calibration if last else None,
        in_force_since=last.at if last else 0.0,
        salt=hashlib.sha256(secret.encode()).hexdigest(),
        now=time.time(),
    )


def adopt(settings: Settings, ledger: CalibrationLedger, model: str) -> tuple[Proposal, bool]:
    """Bring what the labels propose into force if nothing speaks against it; return whether.

    Raises FeedbackUnavailable, LedgerUnavailable, or NotInForce if another one came in between.
    """
    proposal = propose_for(settings, ledger, model)
    if proposal.refusals:
        return proposal, False
    ledger.put(proposal.calibration, time.time())
    return proposal, True


def in_words(calibration: LiveCalibration | None) -> str:
    """Return what is in force, in a few words."""
    if calibration is None:
        return "the version's own calibration"
    routes = ", ".join(sorted(calibration.curves)) or "no route"
    return f"{calibration.id}, which moves {routes}"
