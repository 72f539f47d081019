"""Labelled answers for tests, drawn from a seed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from logo_classifier.feedback.live import KNOTS, Evidence, LiveCalibration, expit, logit
from logo_classifier.feedback.records import Answer, Judged, LabelledAnswer
from logo_classifier.values import LogoType, Method, Tier

MODEL = "logo-type/9.9.9"
ROUTE = "ensemble/conditional"
EVIDENCE = Evidence(100, 100, 10, 30.0, 1.0, 0.1, 0.05, 0.5, 0.4, 0.95, 0.95)


def judged(confidence: float, top: LogoType = LogoType.TEXT) -> Judged:
    others = [kind for kind in LogoType if kind is not top]
    rest = dict(zip(others, (0.7, 0.2, 0.1), strict=True))
    probabilities = {
        kind: confidence if kind is top else (1 - confidence) * rest[kind] for kind in LogoType
    }
    return Judged(
        MODEL, "", Method.ENSEMBLE, Tier.CONDITIONAL, top, confidence, confidence,
        probabilities, (top,),
    )  # fmt: skip


def labels(
    count: int,
    *,
    moved: float,
    clients: int = 20,
    asked: bool = True,
    narrow_sets: bool = False,
    seed: int = 0,
) -> Iterator[LabelledAnswer]:
    """Yield labels of answers whose log-odds of being right are `moved` from the confidence's.

    Prediction sets hold all types; narrow ones hold the answer alone.
    """
    random = np.random.default_rng(seed)
    for number in range(count):
        confidence = expit(random.uniform(0.5, 4.0))
        right = random.random() < expit(logit(confidence) + moved)
        said = judged(confidence)
        if not narrow_sets:
            said = replace(said, prediction_set=tuple(LogoType))
        yield LabelledAnswer(
            Answer(f"r{number}", f"{seed}-{number}", said, asked, float(number)),
            LogoType.TEXT if right else LogoType.SIMPLE,
            f"client {random.integers(clients)}",
            number + 0.5,
        )


def calibration(
    shift: float = 0.5, parent: str | None = None, set_threshold: float = 1.0
) -> LiveCalibration:
    curves = {ROUTE: (shift,) * len(KNOTS)}
    return LiveCalibration(MODEL, parent, curves, set_threshold, EVIDENCE, 1.0)


def from_client(labelled: LabelledAnswer, client: str, truth: LogoType) -> LabelledAnswer:
    return replace(labelled, client=client, true_label=truth)
