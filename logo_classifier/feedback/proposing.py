"""Propose a live calibration from labelled answers, with the evidence for it.

Pictures are split in halves by a salted hash. One half teaches, the other judges, each label by
what was learnt before it. So the bets are fair however often one looks, as long as the stream is
no longer than MOST_LABELS.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice

import numpy as np

from logo_classifier.decision.calibration import expected_calibration_error
from logo_classifier.feedback.conformal import TARGET, AdaptiveThreshold, misses
from logo_classifier.feedback.evidence import ENOUGH, e_value
from logo_classifier.feedback.live import (
    KNOTS,
    LEVEL,
    LOWEST_THRESHOLD,
    MOST_STEP,
    Curve,
    Evidence,
    LiveCalibration,
    before,
    expit,
    logit,
    route,
)
from logo_classifier.feedback.platt import PRIOR, OnlinePlatt
from logo_classifier.feedback.records import LabelledAnswer

MOST_LABELS = 20_000
"""Labels that one proposal reads; older ones are left out."""

CLIENT_SHARE = 0.2
"""Most of what a route has learnt that may come from one client."""

FEWEST_LABELS = 50.0
"""Labels, in weight, below which a route has no curve."""

_REFRESH = 10
"""Labels of a route after which its curve is drawn anew; drawing costs more than learning."""

_BETS = (0.05, 0.1, 0.2, 0.4, 0.8)
_SET_BETS = (0.5, 1.0, 2.0, 4.0)
_SET_STEP = 4.0
"""What the threshold of sets may be divided by in one adoption, from where it begins to matter."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A live calibration that could be adopted; `refusals` say why it may not be."""

    calibration: LiveCalibration
    refusals: tuple[str, ...]


@dataclass(slots=True)
class _HeldBack:
    """What the judging half has said so far, label by label."""

    labelled: list[LabelledAnswer] = field(default_factory=list)
    gains: list[float] = field(default_factory=list)
    set_gains: list[float] = field(default_factory=list)

    def clients(self) -> list[str]:
        return [each.client for each in self.labelled]


class _Learner:
    """The learners of all routes, with the weights of clients."""

    def __init__(self, in_force: LiveCalibration | None) -> None:
        self.routes: dict[str, OnlinePlatt] = {}
        self.sets = AdaptiveThreshold()
        self.labels = 0
        self._given: dict[str, Counter[str]] = {}
        self._curves: dict[str, Curve] = {}
        self._before: Mapping[str, Curve] = in_force.curves if in_force else {}

    def learn(self, labelled: LabelledAnswer) -> None:
        judged = labelled.answer.judged
        name = route(judged)
        learner = self.routes.setdefault(name, OnlinePlatt())
        given = self._given.setdefault(name, Counter())
        room = CLIENT_SHARE * (PRIOR + learner.weight) - given[labelled.client]
        if room < 1:
            return
        given[labelled.client] += 1
        learner.learn(logit(judged.raw_confidence), labelled.right)
        self.sets.learn(labelled)
        self.labels += 1
        if given.total() % _REFRESH == 0:
            self._curves.pop(name, None)

    def curve(self, name: str) -> Curve:
        """Return the curve that a route would have; it lags by fewer than _REFRESH labels."""
        if name not in self._curves:
            learner, before = self.routes.get(name), self._before.get(name, LEVEL)
            known = learner is not None and learner.weight >= FEWEST_LABELS
            self._curves[name] = learner.curve(before) if learner and known else before
        return self._curves[name]

    def curves(self) -> dict[str, Curve]:
        self._curves.clear()
        names = sorted(self.routes.keys() | self._before.keys())
        return {name: curve for name in names if (curve := self.curve(name)) != LEVEL}


def usable(labelled: Iterable[LabelledAnswer], model: str) -> list[LabelledAnswer]:
    """Return the labels that may teach: requested, of one model version, the first of a picture."""
    first: dict[str, LabelledAnswer] = {}
    for each in labelled:
        if each.answer.asked and each.answer.judged.model == model:
            first.setdefault(each.answer.picture, each)
    return list(islice(first.values(), max(0, len(first) - MOST_LABELS), None))


def propose(
    labelled: Iterable[LabelledAnswer],
    model: str,
    in_force: LiveCalibration | None,
    *,
    in_force_since: float,
    salt: str,
    now: float,
) -> Proposal:
    """Return the live calibration that the labels speak for, and why not to adopt it, if so.

    `labelled` come oldest label first. Only held-back answers that were given and labelled under
    the calibration in force, after `in_force_since` (Unix time in seconds), are evidence: what
    chose it does not speak for its successor. `salt` splits pictures into halves; no client may
    know it.
    """
    learner, held_back = _Learner(in_force), _HeldBack()
    current_id = in_force.id if in_force else ""
    for each in usable(labelled, model):
        if _is_taught(each.answer.picture, salt):
            learner.learn(each)
        elif each.answer.judged.calibration == current_id and each.labelled_at > in_force_since:
            _judge(each, learner, in_force, held_back)
    calibration = _freeze(model, learner, held_back, in_force, now)
    return Proposal(calibration, _refusals(calibration, in_force))


def _is_taught(picture: str, salt: str) -> bool:
    return hashlib.sha256(f"{salt}:{picture}".encode()).digest()[0] < 128


def _judge(
    labelled: LabelledAnswer,
    learner: _Learner,
    in_force: LiveCalibration | None,
    held_back: _HeldBack,
) -> None:
    """Bet on a label with what was learnt before it.

    The log loss changes by no more than the logit, so a gain over MOST_STEP is within -1 and 1.
    """
    name, log_odds = route(labelled.answer.judged), logit(labelled.answer.judged.raw_confidence)
    old = (in_force.curves if in_force else {}).get(name, LEVEL)
    before, after = (
        _log_loss(log_odds + float(np.interp(log_odds, KNOTS, curve)), labelled.right)
        for curve in (old, learner.curve(name))
    )
    held_back.labelled.append(labelled)
    held_back.gains.append((before - after) / MOST_STEP)
    threshold = in_force.set_threshold if in_force else 1.0
    held_back.set_gains.append(misses(labelled, threshold) - TARGET)


def _log_loss(log_odds: float, right: bool) -> float:
    return float(np.logaddexp(0.0, -log_odds if right else log_odds))


def _freeze(
    model: str,
    learner: _Learner,
    held_back: _HeldBack,
    in_force: LiveCalibration | None,
    now: float,
) -> LiveCalibration:
    clients = held_back.clients()
    set_e_value = e_value(held_back.set_gains, clients, _SET_BETS)
    old_curves: Mapping[str, Curve] = in_force.curves if in_force else {}
    old_threshold = in_force.set_threshold if in_force else 1.0
    curves, threshold = learner.curves(), old_threshold
    if set_e_value > ENOUGH:
        threshold = _next_threshold(old_threshold, learner, held_back)
    e = e_value(held_back.gains, clients, _BETS)
    error_before, loss_before = _quality(held_back.labelled, old_curves)
    error_after, loss_after = _quality(held_back.labelled, curves)
    proven = e > ENOUGH and loss_after <= loss_before
    sets_alone = set_e_value > ENOUGH and not proven
    evidence = Evidence(
        labels=learner.labels,
        held_back=len(held_back.labelled),
        clients=len(set(clients)),
        e_value=e,
        set_e_value=set_e_value,
        error_before=error_before,
        error_after=error_before if sets_alone else error_after,
        log_loss_before=loss_before,
        log_loss_after=loss_before if sets_alone else loss_after,
        coverage_before=_coverage(held_back.labelled, old_threshold),
        coverage_after=_coverage(held_back.labelled, threshold),
    )
    return LiveCalibration(
        model=model,
        parent=in_force.id if in_force else None,
        curves=dict(old_curves) if sets_alone else curves,
        set_threshold=threshold,
        evidence=evidence,
        created=now,
    )


def _next_threshold(old_threshold: float, learner: _Learner, held_back: _HeldBack) -> float:
    start = min(old_threshold, _highest_outside(held_back.labelled))
    lowest = max(start / _SET_STEP, LOWEST_THRESHOLD)
    return min(old_threshold, max(learner.sets.threshold, lowest))


def _quality(held_back: list[LabelledAnswer], curves: Mapping[str, Curve]) -> tuple[float, float]:
    """Return calibration error and mean log loss in nats of answers under curves."""
    if not held_back:
        return 0.0, 0.0
    moved = []
    for each in held_back:
        log_odds = logit(each.answer.judged.raw_confidence)
        curve = curves.get(route(each.answer.judged), LEVEL)
        moved.append(log_odds + float(np.interp(log_odds, KNOTS, curve)))
    right = np.array([each.right for each in held_back])
    losses = [_log_loss(at, bool(was)) for at, was in zip(moved, right, strict=True)]
    confidences = np.array([expit(at) for at in moved])
    return expected_calibration_error(confidences, right), float(np.mean(losses))


def _highest_outside(held_back: list[LabelledAnswer]) -> float:
    """Return the highest probability of a type outside its set: above it no threshold matters."""
    judged = [each.answer.judged for each in held_back]
    return max(
        share
        for each in judged
        for kind, share in before(each).probabilities.items()
        if kind not in each.prediction_set
    )


def _coverage(held_back: list[LabelledAnswer], threshold: float) -> float:
    if not held_back:
        return 0.0
    return float(np.mean([not misses(each, threshold) for each in held_back]))


def _refusals(proposed: LiveCalibration, in_force: LiveCalibration | None) -> tuple[str, ...]:
    evidence, refusals = proposed.evidence, []
    old_threshold = in_force.set_threshold if in_force else 1.0
    old_curves = dict(in_force.curves) if in_force else {}
    widens = proposed.set_threshold < old_threshold
    if dict(proposed.curves) == old_curves and not widens:
        refusals.append(f"it changes nothing: {evidence.labels} labels teach too little")
    if dict(proposed.curves) != old_curves:
        if evidence.e_value <= ENOUGH:
            refusals.append(
                f"the e-value is {evidence.e_value:.3g} without the labels of the client that "
                f"helps most; more than {ENOUGH:g} is needed"
            )
        if evidence.log_loss_after > evidence.log_loss_before:
            refusals.append("the log loss of held-back answers would not fall")
    return tuple(refusals)
