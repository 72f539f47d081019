"""Take pictures through the sequence: read, look up, judge by rules, route, ask the network."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import repeat, zip_longest

import numpy as np

from app.classification.answers import Answers, Claim, now, repeated
from app.classification.calibration import Calibrator
from app.classification.errors import ClassifierError, ModelUnavailable
from app.classification.features import extract_features
from app.classification.image import WHITE, LoadedImage, load_image
from app.classification.levels import LevelledCache
from app.classification.neural import NeuralClassifier
from app.classification.options import Options
from app.classification.routing import Circumstances, RoutingPolicy, combine, degraded, route
from app.classification.rules import RuleSet, classify_by_rules
from app.classification.source import Limits, Source, digest, read_source
from app.classification.statistics import PerformanceStatistics
from app.classification.types import (
    Classification,
    ImageFacts,
    Judgement,
    Method,
    Route,
    Verdict,
)
from app.classification.work import Arrival, Outcome, Work, as_outcome

_BATCH_THREADS = min(4, os.cpu_count() or 1)
_BLANK_FACTS = ImageFacts("PNG", 32, 32, 0, "")


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Hold the parts of the sequence; `network` is None where `network_error` says why.

    `answers` and `judgements` are None where caching is off: then nothing is shared either.
    """

    limits: Limits
    policy: RoutingPolicy
    rules: RuleSet
    calibrator: Calibrator
    network: NeuralClassifier | None
    network_error: str | None
    statistics: PerformanceStatistics
    answers: Answers | None
    judgements: LevelledCache[Judgement] | None

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
        """Return one outcome a source, in order; what is sent twice is worked on once.

        Takes at most one forward pass, and one more if what others worked on came to nothing.
        """
        places: list[Outcome | Arrival] = []
        try:
            for source in sources:
                places.append(self._receive(source, options))  # noqa: PERF401 - kept if one raises
            arrivals = [place for place in places if isinstance(place, Arrival)]
            self._work([arrival for arrival in arrivals if arrival.leads], options)
        finally:
            self._release(places)
        # Waiting comes after the release: two callers would else wait for each other for ever.
        left = [a for a in arrivals if not (a.leads or self._join(a, options))]
        self._work(left, options)
        outcomes = [place.outcome if isinstance(place, Arrival) else place for place in places]
        for outcome in outcomes:
            if isinstance(outcome, ClassifierError):
                self.statistics.record_failure(outcome.kind)
            else:
                self.statistics.record(outcome)
        return outcomes

    def run_batch(self, sources: Sequence[Source], options: Options) -> list[Outcome]:
        """Return what `run` would, the pictures dealt out to as many threads as help."""
        threads = max(1, min(len(sources), _BATCH_THREADS))
        hands = [sources[first::threads] for first in range(threads)]
        with ThreadPoolExecutor(threads) as pool:
            played = list(pool.map(self.run, hands, repeat(options)))
        return [outcome for turn in zip_longest(*played) for outcome in turn if outcome is not None]

    def _receive(self, source: Source, options: Options) -> Arrival | Outcome:
        """Read one picture and look it up."""
        started = time.perf_counter()
        claim: Claim | None = None
        try:
            data = read_source(source, self.limits)
            sha256 = digest(data)
            if self.answers:
                known = self.answers.ask(sha256, options.requested)
                if isinstance(known, Classification):
                    return repeated(known, time.perf_counter() - started)
                claim = known
        except Exception as error:  # noqa: BLE001 - see as_outcome
            return as_outcome(error)
        return Arrival(data, sha256, claim, time.perf_counter() - started)

    def _release(self, places: Sequence[Outcome | Arrival]) -> None:
        for place in places:
            if isinstance(place, Arrival) and place.claim and self.answers:
                self.answers.release(place.claim)

    def _join(self, arrival: Arrival, options: Options) -> bool:
        """Take the answer that another caller works out; tell whether there was one."""
        if arrival.claim is None or self.answers is None:
            return False
        started = time.perf_counter()
        found = self.answers.wait(arrival.claim, self._patience(arrival, options))
        arrival.seconds += time.perf_counter() - started
        if found is None:
            return False
        arrival.outcome = repeated(found, arrival.seconds)
        return True

    def _patience(self, arrival: Arrival, options: Options) -> float | None:
        """Return the seconds that a budget leaves for waiting if the network is to be asked yet."""
        if options.time_budget is None:
            return None
        return options.time_budget - arrival.seconds - (self.statistics.neural_seconds() or 0.0)

    def _work(self, arrivals: Sequence[Arrival], options: Options) -> None:
        """Give each picture its outcome, after at most one forward pass."""
        works = [work for arrival in arrivals if (work := self._begin(arrival, options))]
        waiting = [work for work in works if work.needs_network and self._has_image(work)]
        failure = self._ask_network(waiting)
        if failure and options.requested is None:
            for work in waiting:
                work.route = degraded(str(failure))
        for work in works:
            work.arrival.outcome = work.error or self._finish(work, failure)

    def _begin(self, arrival: Arrival, options: Options) -> Work | None:
        """Judge one picture by rules and route it; None where an error is its outcome."""
        started = time.perf_counter()
        try:
            # Under a budget the time that decoding takes must be known before routing.
            judgement, image = self._judge(arrival, decode=options.time_budget is not None)
            arrival.seconds += time.perf_counter() - started
            chosen = self._route(judgement, options, arrival.seconds)
        except Exception as error:  # noqa: BLE001 - see as_outcome
            arrival.outcome = as_outcome(error)
            return None
        return Work(arrival, judgement, image, chosen, judgement.verdict)

    def _judge(self, arrival: Arrival, *, decode: bool) -> tuple[Judgement, LoadedImage | None]:
        known = self.judgements.get(arrival.sha256) if self.judgements else None
        if known and not decode:
            return known, None
        image = load_image(arrival.data, self.limits, arrival.sha256)
        if known:
            return known, image
        started = time.perf_counter()
        features = extract_features(image)
        self.statistics.record_features(time.perf_counter() - started)
        verdict = self.calibrator.apply(classify_by_rules(features, self.rules))
        judgement = Judgement(features, verdict, image.facts)
        if self.judgements:
            self.judgements.put(judgement, arrival.sha256)
        return judgement, image

    def _route(self, judgement: Judgement, options: Options, elapsed: float) -> Route:
        budget = options.time_budget
        circumstances = Circumstances(
            time_left=None if budget is None else budget - elapsed,
            neural_seconds=None if budget is None else self.statistics.neural_seconds(),
            network_loaded=self.network is not None,
        )
        if options.requested not in (None, Method.RULE_BASED) and self.network_error:
            raise ModelUnavailable(f"{options.requested} needs the network: {self.network_error}")
        return route(
            judgement.verdict, judgement.features, circumstances, self.policy, options.requested
        )

    def _has_image(self, work: Work) -> bool:
        """Decode what was judged earlier; keep the error where that fails."""
        started, data = time.perf_counter(), work.arrival.data
        try:
            work.image = work.image or load_image(data, self.limits, work.arrival.sha256)
        except Exception as error:  # noqa: BLE001 - see as_outcome
            work.error = as_outcome(error)
        work.arrival.seconds += time.perf_counter() - started
        return work.error is None

    def _ask_network(self, waiting: Sequence[Work]) -> ModelUnavailable | None:
        """Give the network's or the ensemble's verdict to pictures; return why it failed."""
        if self.network is None or not waiting:
            return None
        started = time.perf_counter()
        try:
            verdicts = self.network.predict([work.image for work in waiting if work.image])
        except ModelUnavailable as error:
            return error
        except MemoryError:
            return ModelUnavailable("memory is short")
        seconds = (time.perf_counter() - started) / len(waiting)
        self.statistics.record_neural(seconds)
        for work, verdict in zip(waiting, verdicts, strict=True):
            work.arrival.seconds += seconds
            work.verdict = self._merge(work, self.calibrator.apply(verdict))
        return None

    def _merge(self, work: Work, neural: Verdict) -> Verdict:
        if work.route.method is not Method.ENSEMBLE:
            return neural
        rules = work.judgement.verdict
        return self.calibrator.apply(combine(rules, neural, self.policy.rule_weight))

    def _finish(self, work: Work, failure: ModelUnavailable | None) -> Outcome:
        if failure and work.needs_network:
            return failure
        bundle = self.network.bundle if self.network else None
        result = Classification(
            verdict=work.verdict,
            route=work.route,
            features=work.judgement.features,
            prediction_set=self.calibrator.prediction_set(work.verdict),
            image=work.judgement.image,
            model_name=bundle.name if bundle else None,
            model_version=bundle.version if bundle else None,
            processing_time=work.arrival.seconds,
            timestamp=now(),
        )
        if self.answers and work.arrival.claim:
            self.answers.keep(work.arrival.claim, result)
        return result
