"""Take pictures through the sequence: read, look up, judge by rules, route, ask the network."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np

from app.classification.cache import Cache
from app.classification.calibration import Calibrator
from app.classification.errors import ClassifierError, ModelUnavailable, OutOfMemory
from app.classification.features import extract_features
from app.classification.image import WHITE, LoadedImage, load_image
from app.classification.neural import NeuralClassifier
from app.classification.options import Options
from app.classification.routing import Circumstances, RoutingPolicy, combine, degraded, route
from app.classification.rules import RuleSet, classify_by_rules
from app.classification.source import Limits, Source, digest, read_source
from app.classification.statistics import PerformanceStatistics
from app.classification.types import (
    Classification,
    Features,
    ImageFacts,
    Method,
    Route,
    Tier,
    Verdict,
)


@dataclass(frozen=True, slots=True)
class Judgement:
    """Hold what the rules found out about a picture: the value of the feature cache."""

    features: Features
    verdict: Verdict
    facts: ImageFacts


@dataclass(slots=True)
class Work:
    """Hold one picture on its way; `seconds` is the time spent on it so far.

    `verdict` is the rules' until the network has answered.
    """

    data: bytes
    sha256: str
    judgement: Judgement
    image: LoadedImage | None
    route: Route
    verdict: Verdict
    seconds: float

    @property
    def needs_network(self) -> bool:
        """Tell whether the route asks for more than the rules."""
        return self.route.method is not Method.RULE_BASED


Outcome = Classification | ClassifierError

_BLANK_FACTS = ImageFacts("PNG", 32, 32, 0, "")


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Hold the parts of the sequence; `network` is None where `network_error` says why.

    The caches are None where caching is off.
    """

    limits: Limits
    policy: RoutingPolicy
    rules: RuleSet
    calibrator: Calibrator
    network: NeuralClassifier | None
    network_error: str | None
    statistics: PerformanceStatistics
    results: Cache[Classification] | None
    judgements: Cache[Judgement] | None

    def warm_up(self) -> None:
        """Pass a blank picture through the network; the second pass gives its first time."""
        if self.network is None:
            return
        blank = LoadedImage(np.full((32, 32, 3), 255, np.uint8), WHITE, _BLANK_FACTS)
        self.network.predict([blank])
        started = time.perf_counter()
        self.network.predict([blank])
        self.statistics.record_neural(time.perf_counter() - started)

    def run(self, sources: Sequence[Source], options: Options) -> list[Outcome]:
        """Return one outcome a source, in order, after at most one forward pass."""
        places = [self._begin(source, options) for source in sources]
        waiting = [p for p in places if isinstance(p, Work) and p.needs_network]
        failure = self._ask_network(waiting)
        if failure and options.requested is None:
            for work in waiting:
                work.route = degraded(str(failure))
        outcomes = [self._finish(p, options, failure) if isinstance(p, Work) else p for p in places]
        for outcome in outcomes:
            if isinstance(outcome, ClassifierError):
                self.statistics.record_failure(outcome.kind)
            else:
                self.statistics.record(outcome)
        return outcomes

    def _begin(self, source: Source, options: Options) -> Work | Outcome:
        """Read, look up, judge by rules and route one picture."""
        started = time.perf_counter()
        try:
            data = read_source(source, self.limits)
            sha256 = digest(data)
            known = self.results.get((sha256, options.requested)) if self.results else None
            if known is not None:
                seconds = time.perf_counter() - started
                return replace(known, cached=True, processing_time=seconds, timestamp=_now())
            judgement, image = self._judge(data, sha256)
            elapsed = time.perf_counter() - started
            chosen = self._route(judgement, options, elapsed)
        except ClassifierError as error:
            return error
        except MemoryError:
            return OutOfMemory("there is no memory for this picture")
        return Work(data, sha256, judgement, image, chosen, judgement.verdict, elapsed)

    def _judge(self, data: bytes, sha256: str) -> tuple[Judgement, LoadedImage | None]:
        known = self.judgements.get(sha256) if self.judgements else None
        if known is not None:
            return known, None
        image = load_image(data, self.limits, sha256)
        started = time.perf_counter()
        features = extract_features(image)
        self.statistics.record_features(time.perf_counter() - started)
        verdict = self.calibrator.apply(classify_by_rules(features, self.rules))
        judgement = Judgement(features, verdict, image.facts)
        if self.judgements:
            self.judgements.put(sha256, judgement)
        return judgement, image

    def _route(self, judgement: Judgement, options: Options, elapsed: float) -> Route:
        budget = options.time_budget
        circumstances = Circumstances(
            time_left=None if budget is None else budget - elapsed,
            neural_seconds=self.statistics.neural_seconds(),
            unavailable=self.network_error,
        )
        if options.requested not in (None, Method.RULE_BASED) and self.network_error:
            raise ModelUnavailable(f"{options.requested} needs the network: {self.network_error}")
        return route(
            judgement.verdict, judgement.features, circumstances, self.policy, options.requested
        )

    def _ask_network(self, waiting: Sequence[Work]) -> ModelUnavailable | None:
        """Give the network's or the ensemble's verdict to pictures; return why it failed."""
        if self.network is None or not waiting:
            return None
        started = time.perf_counter()
        try:
            images = [work.image or load_image(work.data, self.limits) for work in waiting]
            verdicts = self.network.predict(images)
        except ModelUnavailable as error:
            return error
        except MemoryError:
            return ModelUnavailable("memory is short")
        seconds = (time.perf_counter() - started) / len(waiting)
        self.statistics.record_neural(seconds)
        for work, verdict in zip(waiting, verdicts, strict=True):
            work.seconds += seconds
            work.verdict = self._merge(work, self.calibrator.apply(verdict))
        return None

    def _merge(self, work: Work, neural: Verdict) -> Verdict:
        if work.route.method is Method.ENSEMBLE:
            pooled = combine(work.judgement.verdict, neural, self.policy.rule_weight)
            return self.calibrator.apply(pooled)
        return neural

    def _finish(self, work: Work, options: Options, failure: ModelUnavailable | None) -> Outcome:
        if failure and work.needs_network:
            return failure
        bundle = self.network.bundle if self.network else None
        result = Classification(
            verdict=work.verdict,
            route=work.route,
            features=work.judgement.features,
            prediction_set=self.calibrator.prediction_set(work.verdict),
            image=work.judgement.facts,
            model_name=bundle.name if bundle else None,
            model_version=bundle.version if bundle else None,
            processing_time=work.seconds,
            timestamp=_now(),
        )
        # What circumstances forced would otherwise answer later callers who have time.
        if self.results and work.route.tier not in (Tier.TIME_BUDGET, Tier.DEGRADED):
            self.results.put((work.sha256, options.requested), result)
        return result


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
