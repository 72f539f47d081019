"""The library's face: one classifier for all threads of a process."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from itertools import islice
from typing import Any

from app.classification.caching import FEATURES, RESULTS, Caches, Caching
from app.classification.calibration import Calibrator, MethodCalibration
from app.classification.errors import (
    BadParameter,
    ClassifierError,
    InvalidInput,
    ModelUnavailable,
)
from app.classification.fingerprint import fingerprint
from app.classification.memory import MemoryOptimizer
from app.classification.neural import NeuralClassifier
from app.classification.options import parse_options
from app.classification.pipeline import Pipeline
from app.classification.registry import SHIPPED, load_bundle
from app.classification.routing import RoutingPolicy
from app.classification.rules import RuleSet, read_rules
from app.classification.source import Limits, Source, check_image
from app.classification.statistics import CalibrationFeedback, PerformanceStatistics
from app.classification.types import AUTO, LogoType, Method
from app.classification.work import as_outcome

CHUNK = 32
"""Most pictures that are held decoded, and passed through the network, at a time."""


class HybridClassifier:
    """Classify logos: rules first, a network where they are unsure, both where they are lost.

    `neural_model_path` names a bundle folder, `.onnx` or `.pth`; None takes the shipped model.
    A network that does not load never raises here: rules answer, and every reply says so.
    `caching` says how much is remembered, and whether a store shares it; `enable_caching` false
    keeps nothing at all. `threads` is how many ONNX Runtime may use for one picture.
    One instance serves any number of threads.
    """

    def __init__(
        self,
        neural_model_path: str | os.PathLike[str] | None = None,
        enable_caching: bool = True,
        *,
        limits: Limits | None = None,
        policy: RoutingPolicy | None = None,
        threads: int = 1,
        caching: Caching | None = None,
    ) -> None:
        rules = read_rules()
        methods = {Method.RULE_BASED: MethodCalibration.from_dict(rules["calibration"])}
        network, error = _load_network(neural_model_path or SHIPPED, threads)
        chosen = policy or RoutingPolicy()
        if network:
            methods |= network.bundle.calibration
            chosen = policy or replace(chosen, **network.bundle.routing)
        bounds = limits or Limits()
        self._caches: Caches | None = None
        if enable_caching:
            features_print = fingerprint(rules, bounds)
            results_print = fingerprint(features_print, network and network.bundle, chosen)
            self._caches = Caches(caching or Caching(), features_print, results_print)
        self._pipeline = Pipeline(
            limits=bounds,
            policy=chosen,
            rules=RuleSet.from_dict(rules),
            calibrator=Calibrator(methods),
            network=network,
            network_error=error,
            statistics=PerformanceStatistics(),
            answers=self._caches.answers if self._caches else None,
            judgements=self._caches.judgements if self._caches else None,
        )
        self.memory_optimizer = MemoryOptimizer.with_room(
            self._caches.memories if self._caches else [], (caching or Caching()).max_bytes
        )
        self._feedback = CalibrationFeedback()

    @property
    def model_loaded(self) -> bool:
        """Tell whether a network is loaded."""
        return self._pipeline.network is not None

    def warm_up(self) -> None:
        """Run the network on a blank picture, so that its time is known."""
        self._pipeline.warm_up()

    def classify(
        self, source: Source, time_budget: float | None = None, method: str = AUTO
    ) -> dict[str, Any]:
        """Classify one picture: a path, bytes or a binary file.

        `time_budget` is in seconds, above 0 and at most 60; `method` is auto, rule_based,
        neural_network or ensemble. Raises the errors of `app.classification.errors`.
        """
        options = parse_options(method, time_budget)
        self.memory_optimizer.relieve()
        (outcome,) = self._pipeline.run([source], options)
        if isinstance(outcome, ClassifierError):
            raise outcome
        return outcome.to_dict()

    def classify_batch(
        self,
        sources: Iterable[Source],
        time_budget_per_image: float | None = None,
        method: str = AUTO,
    ) -> list[dict[str, Any]]:
        """Classify pictures in the order given; a bad one yields `error`, not an exception.

        The rules settle what they can, the network does the rest. Several threads share the
        pictures where there are cores for them. Raises BadParameter for wrong options.
        """
        options = parse_options(method, time_budget_per_image)
        answers: list[dict[str, Any]] = []
        remaining = iter(sources)
        while chunk := list(islice(remaining, CHUNK)):
            self.memory_optimizer.relieve()
            answers += [
                _error_dict(outcome) if isinstance(outcome, ClassifierError) else outcome.to_dict()
                for outcome in self._pipeline.run_batch(chunk, options)
            ]
        return answers

    def classify_safe(
        self, source: Source, time_budget: float | None = None, method: str = AUTO
    ) -> dict[str, Any]:
        """Classify without ever raising: a failure is `{"error": {"type", "message"}}`."""
        try:
            return self.classify(source, time_budget, method)
        except Exception as error:  # noqa: BLE001 - not raising is what this call is for
            return _error_dict(as_outcome(error))

    def classify_with_fallbacks(
        self, source: Source, time_budget: float | None = None
    ) -> dict[str, Any]:
        """Classify by auto, then by rules alone; `fallbacks` lists what failed on the way.

        What the caller can mend, such as a damaged picture, fails at once. Never raises.
        """
        failures: list[dict[str, str]] = []
        for method in (AUTO, Method.RULE_BASED.value):
            try:
                return {**self.classify(source, time_budget, method), "fallbacks": failures}
            except InvalidInput as error:
                return {**_error_dict(error), "fallbacks": failures}
            except Exception as error:  # noqa: BLE001 - not raising is what this call is for
                failures.append({"method": method, **_error_dict(as_outcome(error))["error"]})
        last = failures[-1]
        return {"error": {"type": last["type"], "message": last["message"]}, "fallbacks": failures}

    def validate_input(self, source: Source) -> None:
        """Check that a picture would be accepted; every refusal is a ValueError."""
        check_image(source, self._pipeline.limits)

    def get_performance_stats(self) -> dict[str, Any]:
        """Return counters since the start and the latest times, in seconds.

        `caches` tells of results and of features what is held, in bytes too, and how many of
        the look-ups were hits (0-1); it is empty where caching is off.
        """
        caches = self._caches.stats() if self._caches else {}
        return {
            **self._pipeline.statistics.snapshot(),
            "feature_cache_hits": caches[FEATURES]["hits"] if caches else 0,
            "result_cache_hits": caches[RESULTS]["hits"] if caches else 0,
            "caches": caches,
        }

    def get_memory_usage(self) -> dict[str, Any]:
        """Return this process's resident memory in MB (2^20 bytes) and what the caches hold."""
        caches, optimizer = self._caches.stats() if self._caches else {}, self.memory_optimizer
        return {
            "rss_mb": optimizer.rss_mb(),
            "threshold_mb": optimizer.memory_threshold,
            "model_loaded": self.model_loaded,
            "cached_results": caches[RESULTS]["entries"] if caches else 0,
            "cached_features": caches[FEATURES]["entries"] if caches else 0,
            "cleanups": optimizer.cleanups,
        }

    def cleanup_memory(self) -> dict[str, float]:
        """Drop all caches; return `entries_dropped` and `freed_mb`."""
        return self.memory_optimizer.cleanup()

    def get_model_info(self) -> dict[str, Any]:
        """Describe the network, or why there is none, and the rules."""
        network, rules = self._pipeline.network, self._pipeline.rules
        info: dict[str, Any] = {
            "loaded": network is not None,
            "error": self._pipeline.network_error,
            "rules_version": rules.version,
            "name": None,
            "version": None,
        }
        if network:
            bundle = network.bundle
            info |= {
                "name": bundle.name,
                "version": bundle.version,
                "runtime": bundle.runtime,
                "sha256": bundle.sha256,
                "input_side_px": bundle.side_px,
                "calibrated": bool(bundle.calibration),
            }
        return info

    def update_calibration_feedback(self, result: dict[str, Any], true_label: str) -> None:
        """Report the true type of a picture that was classified; raises BadParameter."""
        try:
            confidence, predicted = float(result["confidence"]), LogoType(result["logo_type"])
            truth = LogoType(true_label)
        except (KeyError, TypeError, ValueError) as error:
            known = ", ".join(kind.value for kind in LogoType)
            raise BadParameter(
                f"feedback takes a result of classify and one of {known}, not {true_label!r}"
            ) from error
        if not 0 <= confidence <= 1:
            raise BadParameter(f"a result's confidence is 0 to 1, not {confidence}")
        self._feedback.add(confidence, predicted, truth)

    def get_calibration_stats(self) -> dict[str, Any]:
        """Return how confidences compare with the labels reported so far."""
        return self._feedback.snapshot()


def _load_network(
    path: str | os.PathLike[str], threads: int
) -> tuple[NeuralClassifier | None, str | None]:
    try:
        return NeuralClassifier(load_bundle(path), threads), None
    except ModelUnavailable as error:
        return None, str(error)
    except MemoryError:
        return None, "memory is short"


def _error_dict(error: ClassifierError) -> dict[str, Any]:
    return {"error": {"type": error.kind, "message": str(error)}}
