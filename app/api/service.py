"""What every view shares: the settings, the classifier, and the bound on work at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import BoundedSemaphore
from typing import Any, Protocol, cast

from flask import current_app
from werkzeug.exceptions import ServiceUnavailable

from app.api import metrics
from app.config import Settings


class Classifier(Protocol):
    """The part of `app.classification.HybridClassifier` that HTTP needs."""

    @property
    def model_loaded(self) -> bool:
        """Tell whether the network serves."""
        ...

    def classify(
        self, source: bytes, time_budget: float | None = None, method: str = "auto"
    ) -> dict[str, Any]:
        """Return the answer for one picture; raise a ClassifierError for a refusal."""
        ...

    def classify_batch(
        self,
        sources: Sequence[bytes],
        time_budget_per_image: float | None = None,
        method: str = "auto",
    ) -> list[dict[str, Any]]:
        """Return an answer or `{"error": {"type", "message"}}` for each picture, in order."""
        ...

    def get_model_info(self) -> Mapping[str, Any]:
        """Return name, version and error of the network, None where there is none."""
        ...

    def get_memory_usage(self) -> Mapping[str, Any]:
        """Return the memory in use; `rss_mb` in MB."""
        ...


class Overloaded(ServiceUnavailable):
    """Refuse a request for which no slot came free in time."""

    kind = "overloaded"


@dataclass(frozen=True, slots=True)
class Service:
    """Hold one application's parts; `started_seconds` is on the monotonic clock."""

    settings: Settings
    classifier: Classifier
    slots: BoundedSemaphore
    started_seconds: float

    @contextmanager
    def inference_slot(self) -> Iterator[Classifier]:
        """Lend the classifier while a slot is held; raise Overloaded if none comes free."""
        wait_seconds = self.settings.slot_wait_seconds
        if not self.slots.acquire(timeout=wait_seconds):
            raise Overloaded(
                f"all slots stayed busy for {wait_seconds} s; try again later",
                retry_after=max(1, wait_seconds),
            )
        try:
            with metrics.IN_PROGRESS.track_inprogress():
                yield self.classifier
        finally:
            self.slots.release()


def service() -> Service:
    """Return the service of the application at hand."""
    return cast(Service, current_app.extensions["logo"])
