"""The library's public class: one thread-safe classifier for a whole process."""

from __future__ import annotations

import os
from collections.abc import Iterable
from itertools import islice
from typing import Any

from logo_classifier.caching.caches import FEATURES, RESULTS, Caches, Caching
from logo_classifier.caching.memory import MemoryOptimizer
from logo_classifier.decision.routing import RoutingPolicy
from logo_classifier.errors import ClassifierError, InvalidInput
from logo_classifier.feedback.answers import model_of
from logo_classifier.feedback.records import FeedbackStore
from logo_classifier.feedback.reports import Reports
from logo_classifier.options import Options, parse_options
from logo_classifier.pictures.header import Picture, check_image
from logo_classifier.pictures.limits import Limits
from logo_classifier.pictures.source import Source
from logo_classifier.pipeline.desk import MOST_BATCH_THREADS, Desk
from logo_classifier.pipeline.sequence import ClassificationSequence
from logo_classifier.pipeline.work import as_outcome
from logo_classifier.stages import OnStage
from logo_classifier.statistics import PerformanceStatistics
from logo_classifier.values import AUTO, Classification, Method
from logo_classifier.vectorising.advice import advise
from logo_classifier.versions.loaded import LoadedVersion, load_version

CHUNK = 32
"""Largest number of pictures that are decoded and passed through the network at a time."""


class HybridClassifier:
    """A classifier that asks rules first, and a network or an ensemble if the rules are unsure.

    `neural_model_path` is a bundle folder, an `.onnx` or a `.pth`; None means the shipped model.
    A network that does not load raises nothing here: the rules answer, and every reply says so.
    `caching` sets the size of the caches and an optional shared store. `enable_caching=False`
    turns caching off. `threads` is the number of ONNX Runtime threads for one picture,
    `batch_threads` that of the threads that share a batch (default: the processors, at most 4).
    `refused` is a reason for which no network may serve. `feedback` keeps the true types that are
    reported; without it they stay in memory. `on_stage` is called with each stage of the work on a
    picture ("decode", "features", "rules", "network", "store") and its seconds, in the
    `contextvars` context of the call. Instances are thread-safe.
    """

    def __init__(  # noqa: PLR0913 - the documented options
        self,
        neural_model_path: str | os.PathLike[str] | None = None,
        enable_caching: bool = True,
        *,
        limits: Limits | None = None,
        policy: RoutingPolicy | None = None,
        threads: int = 1,
        caching: Caching | None = None,
        batch_threads: int | None = None,
        refused: str | None = None,
        feedback: FeedbackStore | None = None,
        on_stage: OnStage | None = None,
    ) -> None:
        bounds = limits or Limits()
        version = load_version(
            neural_model_path, policy=policy, limits=bounds, threads=threads, refused=refused
        )
        self._equip(version, bounds, enable_caching, caching, batch_threads, on_stage)
        self._reports = Reports(feedback)

    def _equip(
        self,
        version: LoadedVersion,
        bounds: Limits,
        enable_caching: bool,
        caching: Caching | None,
        batch_threads: int | None,
        on_stage: OnStage | None = None,
    ) -> None:
        """Give a loaded version its caches, counters and desk."""
        self._caches: Caches | None = None
        if enable_caching:
            prints = (version.features_fingerprint, version.results_fingerprint)
            self._caches = Caches(caching or Caching(), *prints, on_stage)
        statistics = PerformanceStatistics()
        judgements = self._caches.judgements if self._caches else None
        self._version = version
        self._sequence = ClassificationSequence(version, bounds, statistics, judgements, on_stage)
        answers = self._caches.answers if self._caches else None
        sharing = batch_threads or min(MOST_BATCH_THREADS, os.cpu_count() or 1)
        self._desk = Desk(bounds, self._sequence, statistics, answers, sharing)
        self.memory_optimizer = MemoryOptimizer.with_room(
            self._caches.memories if self._caches else [], (caching or Caching()).max_bytes
        )

    @property
    def model_loaded(self) -> bool:
        """Return whether a network is loaded."""
        return self._version.network is not None

    def without_caches(self) -> HybridClassifier:
        """Return a classifier of the same loaded network that keeps, shares and tells nothing."""
        made = object.__new__(HybridClassifier)
        made._equip(self._version, self._desk.limits, False, None, 1)
        made._reports = self._reports
        return made

    def warm_up(self) -> None:
        """Run the network on a blank picture to measure its time."""
        self._sequence.warm_up()

    def classify(
        self,
        source: Source | Picture,
        time_budget: float | None = None,
        method: str = AUTO,
        *,
        deadline: float | None = None,
        include_features: bool = False,
        include_explanation: bool = False,
        include_tracing: bool = False,
    ) -> dict[str, Any]:
        """Classify one picture: a path, bytes, a binary file, a Pillow image or a uint8 array.

        `time_budget` is in seconds, above 0 and at most 60; `method` is auto, rule_based,
        neural_network or ensemble. `deadline` is a time of `time.monotonic`, after which no step
        begins. neural_network needs no features; `include_features` measures them all the same.
        `include_explanation` adds `explanation`; that answer comes from no cache of answers.
        `include_tracing` adds advice for vector tracers, `tracing`.
        Raises the errors of `logo_classifier.errors`, TimedOut after the deadline.
        """
        told = include_features, include_explanation, include_tracing
        options = parse_options(method, time_budget, deadline, *told)
        self.memory_optimizer.relieve()
        (outcome,) = self._desk.run([source], options)
        if isinstance(outcome, ClassifierError):
            raise outcome
        return _told(outcome, options)

    def recall(
        self,
        picture: Picture,
        time_budget: float | None = None,
        method: str = AUTO,
        *,
        include_features: bool = False,
        include_tracing: bool = False,
    ) -> dict[str, Any] | None:
        """Return the answer that this process remembers for a picture, or None.

        Takes the time of its digest: it asks no shared store and waits for nobody. Raises
        BadParameter for wrong options.
        """
        options = parse_options(
            method, time_budget, None, include_features, include_tracing=include_tracing
        )
        known = self._desk.recall(picture, options)
        return _told(known, options) if known else None

    def classify_batch(
        self,
        sources: Iterable[Source | Picture],
        time_budget_per_image: float | None = None,
        method: str = AUTO,
        *,
        deadline: float | None = None,
        include_features: bool = False,
        include_explanation: bool = False,
        include_tracing: bool = False,
    ) -> list[dict[str, Any]]:
        """Classify pictures and return results in the same order.

        A picture that fails yields a dict with `error`, not an exception. Several threads share
        the pictures if there are several cores. `deadline` is a time of `time.monotonic`;
        pictures that have no answer by then yield the error `timed_out`. Raises BadParameter for
        wrong options.
        """
        told = include_features, include_explanation, include_tracing
        options = parse_options(method, time_budget_per_image, deadline, *told)
        answers: list[dict[str, Any]] = []
        remaining = iter(sources)
        while chunk := list(islice(remaining, CHUNK)):
            self.memory_optimizer.relieve()
            answers += [
                _error_dict(outcome)
                if isinstance(outcome, ClassifierError)
                else _told(outcome, options)
                for outcome in self._desk.run_batch(chunk, options)
            ]
        return answers

    def classify_safe(
        self, source: Source | Picture, time_budget: float | None = None, method: str = AUTO
    ) -> dict[str, Any]:
        """Classify and never raise: a failure is `{"error": {"type", "message"}}`."""
        try:
            return self.classify(source, time_budget, method)
        except Exception as error:  # noqa: BLE001 - not raising is what this call is for
            return _error_dict(as_outcome(error))

    def classify_with_fallbacks(
        self, source: Source | Picture, time_budget: float | None = None
    ) -> dict[str, Any]:
        """Classify by auto, then by rules alone; `fallbacks` lists the attempts that failed.

        An error that the caller can correct, such as a damaged picture, is returned at once.
        Never raises.
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

    def validate_input(self, source: Source | Picture) -> None:
        """Check that a picture would be accepted; raise a ValueError if not."""
        check_image(source, self._desk.limits)

    def get_performance_stats(self) -> dict[str, Any]:
        """Return counters since the start and the latest times, in seconds.

        `caches` has the entries, bytes and hit rate (0-1) of the result and the feature cache.
        It is empty if caching is off.
        """
        caches = self._caches.stats() if self._caches else {}
        return {
            **self._desk.statistics.snapshot(),
            "feature_cache_hits": caches[FEATURES]["hits"] if caches else 0,
            "result_cache_hits": caches[RESULTS]["hits"] if caches else 0,
            "caches": caches,
        }

    def get_memory_usage(self) -> dict[str, Any]:
        """Return this process's resident memory in MB (2^20 bytes) and the sizes of the caches."""
        caches, optimizer = self._caches.stats() if self._caches else {}, self.memory_optimizer
        return {
            "rss_mb": optimizer.rss_mb(),
            "threshold_mb": optimizer.memory_threshold,
            "memory_is_short": optimizer.is_short,
            "model_loaded": self.model_loaded,
            "cached_results": caches[RESULTS]["entries"] if caches else 0,
            "cached_features": caches[FEATURES]["entries"] if caches else 0,
            "cleanups": optimizer.cleanups,
        }

    def cleanup_memory(self) -> dict[str, float]:
        """Drop all caches; return `entries_dropped` and `freed_mb`."""
        return self.memory_optimizer.cleanup()

    def get_model_info(self) -> dict[str, Any]:
        """Return a description of the rules and of the network, or why there is no network.

        `calibrated` is false if the calibration was not fitted to this network and these rules.
        """
        return self._version.describe()

    def update_calibration_feedback(
        self, result: dict[str, Any], true_label: str, *, requested: bool = False
    ) -> None:
        """Report the true type of a classified picture.

        `requested` says that the picture was chosen without a look at its answer: only such
        reports may fit anything (`feedback_requested` in a reply of the service). A store keeps the
        first report of a picture. Raises BadParameter for wrong values, FeedbackUnavailable if the
        store fails.
        """
        self._reports.add(result, true_label, requested)

    def get_calibration_stats(self) -> dict[str, Any]:
        """Return how well the confidences of this version agree with the reported labels.

        Raises FeedbackUnavailable if the store fails.
        """
        return self._reports.snapshot(model_of(self.get_model_info()))


def _told(answer: Classification, options: Options) -> dict[str, Any]:
    """Return an answer as callers receive it, with what the options ask for besides."""
    told = answer.to_dict()
    if options.include_tracing:
        told["tracing"] = advise(answer).to_dict()
    return told


def _error_dict(error: ClassifierError) -> dict[str, Any]:
    return {"error": {"type": error.kind, "message": str(error)}}
