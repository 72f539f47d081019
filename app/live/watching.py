"""Measure live answers behind the service, and adopt what they prove if the settings say so."""

from __future__ import annotations

import fcntl
import hashlib
import logging
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NoReturn

from app import instruments
from app.config import Settings
from app.live.adoption import adopt
from logo_classifier import (
    BadParameter,
    CalibrationLedger,
    FeedbackUnavailable,
    LedgerUnavailable,
    NotInForce,
    measure,
    open_feedback,
)

PAUSE_SECONDS = 600.0
_NICENESS = 10

_log = logging.getLogger(__name__)


def watch(settings: Settings, ledger: CalibrationLedger, model: str) -> None:
    """Start a thread that looks at the labels every ten minutes, in one worker of a service."""

    def follow() -> None:
        # Linux gives each thread a priority of its own (setpriority(2)).
        with suppress(OSError, AttributeError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
        while True:
            try:
                with _alone(settings):
                    _look_again_and_again(settings, ledger, model)
            except OSError as error:  # no folder for the lock, or no right to write there
                _log.warning("live answers are not measured: %s", error.strerror)
                time.sleep(PAUSE_SECONDS)

    threading.Thread(target=follow, name="live-measures", daemon=True).start()


def _look_again_and_again(settings: Settings, ledger: CalibrationLedger, model: str) -> NoReturn:
    while True:
        look(settings, ledger, model)
        time.sleep(PAUSE_SECONDS)


def look(settings: Settings, ledger: CalibrationLedger, model: str) -> None:
    """Publish the measures of each version and route; adopt a proposal if that is allowed."""
    try:
        for each in measure(open_feedback(settings.feedback_url).labelled()):
            of = (each.model, each.route)
            instruments.LIVE_LABELS.labels(*of).set(each.labels)
            instruments.LIVE_ACCURACY.labels(*of).set(each.accuracy)
            instruments.LIVE_CALIBRATION_ERROR.labels(*of).set(each.calibration_error)
            instruments.LIVE_COVERAGE.labels(*of).set(each.coverage)
        if settings.live_calibration == "apply":
            proposal, is_adopted = adopt(settings, ledger, model)
            if is_adopted:
                _log.warning("a live calibration came into force: %s", proposal.calibration.id)
    except (BadParameter, FeedbackUnavailable, LedgerUnavailable, NotInForce) as error:
        _log.warning("live answers are not measured: %s", error)


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """Wait until no other worker does this; a worker that ends makes room for another."""
    # One of a machine, whatever machines share the store: each publishes the measures.
    name = hashlib.sha256(settings.feedback_url.encode()).hexdigest()[:16]
    path = Path(tempfile.gettempdir(), f"logo-classifier-{name}.watch")
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
