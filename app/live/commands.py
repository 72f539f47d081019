"""What `python -m app calibration` does: show, propose, apply and undo a live calibration."""

from __future__ import annotations

import sys
import time

from app.config import Settings
from app.live.adoption import adopt, in_words, propose_for
from app.rollout import asked_for
from logo_classifier import (
    BadParameter,
    CalibrationLedger,
    FeedbackUnavailable,
    LedgerUnavailable,
    NotInForce,
    Proposal,
    RouteMeasures,
    measure,
    open_feedback,
    open_ledger,
)


def main(settings: Settings, action: str) -> None:
    """Do an action and print what came of it; exit with the reason if it cannot be done."""
    if not settings.feedback_url:
        sys.exit("LOGO_FEEDBACK_URL is not set: no labels are kept")
    try:
        ledger = open_ledger(settings.feedback_url)
        if action == "status":
            said = render(measure(open_feedback(settings.feedback_url).labelled()))
            said += f"in force: {in_words(ledger.current(asked_for(settings)))}\n"
        else:
            said = _change(settings, ledger, action)
    except (BadParameter, FeedbackUnavailable, LedgerUnavailable, NotInForce) as error:
        sys.exit(str(error))
    sys.stdout.write(said)


def _change(settings: Settings, ledger: CalibrationLedger, action: str) -> str:
    model = asked_for(settings)
    if action == "undo":
        return f"in force: {in_words(ledger.undo(model, time.time()))}\n"
    if action == "propose":
        proposal = propose_for(settings, ledger, model)
        return describe(proposal)
    proposal, is_adopted = adopt(settings, ledger, model)
    if not is_adopted:
        sys.exit(f"{describe(proposal)}not applied")
    return f"{describe(proposal)}in force: {in_words(proposal.calibration)}\n"


def describe(proposal: Proposal) -> str:
    """Return what a proposal would do, its evidence, and what speaks against it."""
    calibration = proposal.calibration
    it = calibration.evidence
    lines = [
        f"proposed: {in_words(calibration)}",
        f"evidence: {it.labels} labels taught, {it.held_back} judged, of {it.clients} clients; "
        f"e-value {it.e_value:.3g}, of sets {it.set_e_value:.3g}",
        f"of those that judged: ECE {it.error_before:.3f} -> {it.error_after:.3f}, log loss "
        f"{it.log_loss_before:.3f} -> {it.log_loss_after:.3f}, coverage {it.coverage_before:.3f} "
        f"-> {it.coverage_after:.3f}",
    ]
    lines += [f"against it: {refusal}" for refusal in proposal.refusals]
    return "\n".join(lines) + "\n"


def render(found: list[RouteMeasures]) -> str:
    """Return one line for each version and route."""
    if not found:
        return "no requested labels yet\n"
    return "".join(
        f"{each.model} {each.route}: {each.labels} labels, accuracy {each.accuracy:.3f}, "
        f"mean confidence {each.confidence:.3f}, ECE {each.calibration_error:.3f}, "
        f"coverage {each.coverage:.3f}\n"
        for each in found
    )
