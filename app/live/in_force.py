"""What is in force, in one worker: replies are recalibrated without a look at a file."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Mapping
from threading import Thread
from typing import Any

from app import instruments
from app.serving_info import show_calibration
from logo_classifier import CalibrationLedger, LedgerUnavailable, LiveCalibration, judged_of

_PAUSE_SECONDS = 1.0

_log = logging.getLogger(__name__)


class InForce:
    """The live calibration of each model version that answers; a thread follows the ledger.

    A ledger that cannot be read leaves the version's own calibration, which is said once in the
    log and counted.
    """

    def __init__(self, ledger: CalibrationLedger, models: Iterable[str]) -> None:
        self._ledger = ledger
        self._current: dict[str, LiveCalibration | None] = dict.fromkeys(models)
        self._is_readable = True
        self.look()
        Thread(target=self._follow, name="live-calibration", daemon=True).start()

    def recalibrated(self, answer: Mapping[str, Any]) -> dict[str, Any]:
        """Return an answer of the library as it is to be given; the winner stays the winner.

        `live_calibration` tells what was in force and the confidence before. It is not there where
        nothing was.
        """
        live = self._current.get(instruments.version_of(answer))
        if live is None:
            return dict(answer)
        judged = live.apply(judged_of(answer))
        return {
            **answer,
            "confidence": round(judged.confidence, 6),
            "probabilities": {k.value: round(v, 6) for k, v in judged.probabilities.items()},
            "prediction_set": [kind.value for kind in judged.prediction_set],
            "live_calibration": {"id": live.id, "confidence": answer["confidence"]},
        }

    def look(self) -> None:
        """Take over what is in force now."""
        for model in self._current:
            try:
                self._current[model] = self._ledger.current(model)
            except LedgerUnavailable as error:
                self._current[model] = None
                if self._is_readable:
                    _log.error("the versions' own calibration serves: %s", error)
                    instruments.LEDGER_FAILURES.inc()
                self._is_readable = False
            else:
                self._is_readable = True
            found = self._current[model]
            instruments.LIVE_IN_FORCE.labels(model).set(found is not None)
            show_calibration(model, found.id if found else None)

    def _follow(self) -> None:
        while True:
            time.sleep(_PAUSE_SECONDS)
            self.look()
