"""The steps that classify a picture: judge by rules, route, ask the network, finish."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from logo_classifier.caching.levels import LevelledCache
from logo_classifier.decision.ensemble import combine
from logo_classifier.decision.routing import Circumstances, degraded, route, route_requested
from logo_classifier.errors import ModelUnavailable
from logo_classifier.explanations.explanation import explain, explain_network
from logo_classifier.network.neural import NeuralClassifier
from logo_classifier.options import Options
from logo_classifier.pictures.image import LoadedImage, load_image
from logo_classifier.pictures.limits import Limits
from logo_classifier.pipeline.work import Arrival, Outcome, Work, as_outcome, now
from logo_classifier.rules.features import extract_features
from logo_classifier.rules.trees import classify_by_rules
from logo_classifier.stages import OnStage, Stage, timed
from logo_classifier.statistics import PerformanceStatistics
from logo_classifier.values import (
    Classification,
    ExplainedClassification,
    Features,
    Judgement,
    Method,
    Route,
    Verdict,
)
from logo_classifier.versions.loaded import BLANK, LoadedVersion

_UNMEASURED = Features({})


@dataclass(frozen=True, slots=True)
class ClassificationSequence:
    """The steps of one model version; `judgements` is None if caching is off.

    `on_stage` gets the seconds of each stage, a share for each picture of a forward pass.
    """

    version: LoadedVersion
    limits: Limits
    statistics: PerformanceStatistics
    judgements: LevelledCache[Judgement] | None
    on_stage: OnStage | None = None

    def warm_up(self) -> None:
        """Run the network on a blank picture twice, and record the time of the second run."""
        network = self.version.network
        if network is None:
            return
        network.predict([BLANK])
        started = time.perf_counter()
        network.predict([BLANK])
        self.statistics.record_neural(time.perf_counter() - started)

    def run(self, arrivals: Sequence[Arrival], options: Options) -> None:
        """Set the outcome of each picture, with at most one forward pass."""
        works = [work for arrival in arrivals if (work := self._begin(arrival, options))]
        waiting = [work for work in works if work.needs_network and self._has_image(work, options)]
        failure = self._ask_network(waiting, options)
        if failure and options.requested is None:
            for work in waiting:
                work.route = degraded(str(failure))
        for work in works:
            work.arrival.outcome = work.error or self._finish(work, failure)
            if options.include_explanation:
                self._explain(work, options)

    def _begin(self, arrival: Arrival, options: Options) -> Work | None:
        """Route one picture, judged by rules if need be; return None if its outcome is an error."""
        started = time.perf_counter()
        try:
            work = None if options.needs_rules else self._without_rules(arrival, options, started)
            return work or self._judged(arrival, options, started)
        except Exception as error:  # noqa: BLE001 - see as_outcome
            arrival.outcome = as_outcome(error)
            return None

    def _without_rules(self, arrival: Arrival, options: Options, started: float) -> Work | None:
        """Decode a picture for the network alone; return None if circumstances call for rules."""
        options.check_deadline()
        image = self._decode(arrival)
        spent = arrival.seconds + time.perf_counter() - started
        chosen = self._route(None, options, spent)
        if chosen.method is Method.RULE_BASED:
            return None
        arrival.seconds = spent
        return Work(arrival, image.facts, None, image, chosen, None)

    def _judged(self, arrival: Arrival, options: Options, started: float) -> Work:
        # A time budget needs the time of decoding before routing.
        judgement, image = self._judge(arrival, options)
        arrival.seconds += time.perf_counter() - started
        chosen = self._route(judgement, options, arrival.seconds)
        return Work(arrival, judgement.image, judgement, image, chosen, judgement.verdict)

    def _judge(self, arrival: Arrival, options: Options) -> tuple[Judgement, LoadedImage | None]:
        known = self.judgements.get(arrival.picture.sha256) if self.judgements else None
        if known and options.time_budget is None:
            return known, None
        options.check_deadline()
        image = self._decode(arrival)
        if known:
            return known, image
        options.check_deadline()
        started = time.perf_counter()
        with timed(Stage.FEATURES, self.on_stage):
            features = extract_features(image, self.version.plan)
        self.statistics.record_features(time.perf_counter() - started)
        with timed(Stage.RULES, self.on_stage):
            verdict = self.version.calibrator.apply(classify_by_rules(features, self.version.rules))
        judgement = Judgement(features, verdict, image.facts)
        if self.judgements:
            self.judgements.put(judgement, arrival.picture.sha256)
        return judgement, image

    def _decode(self, arrival: Arrival) -> LoadedImage:
        with timed(Stage.DECODE, self.on_stage):
            return load_image(arrival.picture, self.limits, self.version.side_px)

    def _route(self, judgement: Judgement | None, options: Options, elapsed: float) -> Route:
        budget = options.time_budget
        circumstances = Circumstances(
            time_left=None if budget is None else budget - elapsed,
            neural_seconds=None if budget is None else self.statistics.neural_seconds(),
            network_loaded=self.version.network is not None,
        )
        if options.requested not in (None, Method.RULE_BASED) and self.version.network_error:
            raise ModelUnavailable(
                f"{options.requested} needs the network: {self.version.network_error}"
            )
        if options.requested or judgement is None:
            return route_requested(options.requested or Method.NEURAL_NETWORK, circumstances)
        return route(judgement.verdict, judgement.features, circumstances, self.version.policy)

    def _has_image(self, work: Work, options: Options) -> bool:
        """Decode the picture if its judgement was cached; return whether it is ready in time."""
        started = time.perf_counter()
        try:
            options.check_deadline()
            work.image = work.image or self._decode(work.arrival)
        except Exception as error:  # noqa: BLE001 - see as_outcome
            work.error = as_outcome(error)
        work.arrival.seconds += time.perf_counter() - started
        return work.error is None

    def _ask_network(self, waiting: Sequence[Work], options: Options) -> ModelUnavailable | None:
        """Set the verdicts of the network or the ensemble; return its error if it failed."""
        if self.version.network is None or not waiting:
            return None
        started = time.perf_counter()
        try:
            verdicts = self._predict(self.version.network, waiting, options)
        except ModelUnavailable as error:
            return error
        except MemoryError:
            return ModelUnavailable("memory is short")
        seconds = (time.perf_counter() - started) / len(waiting)
        self.statistics.record_neural(seconds)
        for work, verdict in zip(waiting, verdicts, strict=True):
            work.arrival.seconds += seconds
            if self.on_stage:
                self.on_stage(Stage.NETWORK, seconds)
            work.verdict = self._merge(work, self.version.calibrator.apply(verdict))
        return None

    def _predict(
        self, network: NeuralClassifier, waiting: Sequence[Work], options: Options
    ) -> list[Verdict]:
        """Return a verdict of the network on each picture; set its evidence if it is to explain."""
        if not options.include_explanation:
            return network.predict([work.image for work in waiting if work.image])
        verdicts = []
        for work in waiting:
            if work.image:
                verdict, work.evidence = network.predict_with_evidence(work.image)
                verdicts.append(verdict)
        return verdicts

    def _merge(self, work: Work, neural: Verdict) -> Verdict:
        if work.route.method is not Method.ENSEMBLE or work.rules is None:
            return neural
        weight = self.version.policy.rule_weight
        return self.version.calibrator.apply(combine(work.rules.verdict, neural, weight))

    def _explain(self, work: Work, options: Options) -> None:
        """Add the explanation to an answer; its error is the outcome if there is none."""
        arrival, answer = work.arrival, work.arrival.outcome
        if not isinstance(answer, Classification):
            return
        if not self._has_image(work, options):
            arrival.outcome = work.error or answer
            return
        started = time.perf_counter()
        try:
            told = self._reasons(work, answer)
        except Exception as error:  # noqa: BLE001 - see as_outcome
            arrival.outcome = as_outcome(error)
            return
        arrival.seconds += time.perf_counter() - started
        timed = replace(answer, processing_time=arrival.seconds)
        arrival.outcome = ExplainedClassification.of(timed, told)

    def _reasons(self, work: Work, answer: Classification) -> dict[str, Any]:
        if work.image is None or work.rules is None:  # Options.needs_rules sees to both
            raise ModelUnavailable("there is no judgement to explain")
        rules, network = self.version.rules, self.version.network
        return {
            **explain(work.image, work.rules, answer.verdict, work.route, rules),
            "network": explain_network(work.image, work.evidence, network, work.route),
        }

    def _finish(self, work: Work, failure: ModelUnavailable | None) -> Outcome:
        verdict, rules = work.verdict, work.rules
        if verdict is None or (failure and work.needs_network):
            return failure or ModelUnavailable("the network gave no answer")
        return Classification(
            verdict=verdict,
            route=work.route,
            features=rules.features if rules else _UNMEASURED,
            prediction_set=self.version.calibrator.prediction_set(verdict),
            image=work.facts,
            model_name=self.version.name,
            model_version=self.version.version,
            processing_time=work.arrival.seconds,
            timestamp=now(),
            cached=False,
        )
