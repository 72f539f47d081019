"""What the service needs of a classifier."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from logo_classifier import Picture


class Answering(Protocol):
    """The part of `logo_classifier.HybridClassifier` that answers."""

    def classify(
        self,
        source: Picture,
        time_budget: float | None = None,
        method: str = "auto",
        *,
        deadline: float | None = None,
        include_features: bool = False,
        include_explanation: bool = False,
        include_tracing: bool = False,
    ) -> dict[str, Any]:
        """Return the answer for one picture; raise a ClassifierError if there is none."""
        ...

    def recall(
        self,
        picture: Picture,
        time_budget: float | None = None,
        method: str = "auto",
        *,
        include_features: bool = False,
        include_tracing: bool = False,
    ) -> dict[str, Any] | None:
        """Return the answer that this process remembers, or None; waits for nothing."""
        ...

    def classify_batch(
        self,
        sources: Sequence[Picture],
        time_budget_per_image: float | None = None,
        method: str = "auto",
        *,
        deadline: float | None = None,
        include_features: bool = False,
        include_explanation: bool = False,
        include_tracing: bool = False,
    ) -> list[dict[str, Any]]:
        """Return an answer or `{"error": {"type", "message"}}` for each picture, in order."""
        ...


class Classifier(Answering, Protocol):
    """The part of `logo_classifier.HybridClassifier` that the API needs."""

    @property
    def model_loaded(self) -> bool:
        """Return whether the network is loaded."""
        ...

    def get_model_info(self) -> Mapping[str, Any]:
        """Return `name`, `version` and `error` of the network, None if there is none.

        `rules_version` is that of the rules, `calibrated` whether the network's calibration fits.
        """
        ...

    def get_memory_usage(self) -> Mapping[str, Any]:
        """Return `rss_mb`, the memory in use in MB, and `memory_is_short`."""
        ...
