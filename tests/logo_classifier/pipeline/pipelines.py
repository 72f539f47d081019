"""Assemble pipelines around a network that counts its passes and fails on demand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, cast

import numpy as np
from PIL import Image

from logo_classifier.caching.caches import Caches, Caching
from logo_classifier.decision.calibration import Calibrator
from logo_classifier.decision.routing import RoutingPolicy
from logo_classifier.network.bundle import load_bundle
from logo_classifier.network.neural import NeuralClassifier
from logo_classifier.options import Options
from logo_classifier.pictures.image import LoadedImage
from logo_classifier.pictures.source import Limits, Source
from logo_classifier.pipeline.desk import Desk
from logo_classifier.pipeline.sequence import ClassificationSequence
from logo_classifier.rules.features import plan_features
from logo_classifier.rules.trees import RuleSet
from logo_classifier.statistics import PerformanceStatistics
from logo_classifier.values import Classification, LogoType, Method, Trait, Verdict
from logo_classifier.versions.loaded import LoadedVersion
from tests.logo_classifier.network.networks import write_bundle

RED, GREEN, BLUE = (220, 20, 20), (20, 220, 20), (20, 20, 220)
SQUARE, WIDE = (40, 40), (80, 10)
"""Sizes in pixels of what the rules of `rules` leave open and of what they settle."""

AUTO = Options()
_SETTLED = 0.95


class CountingNetwork:
    """Tell the type by the colour: red is text, green gradient, blue complex."""

    def __init__(self, folder: Path) -> None:
        self.bundle = load_bundle(write_bundle(folder))
        self.failure: Exception | None = None
        self.passes: list[int] = []

    def predict(self, images: Sequence[LoadedImage]) -> list[Verdict]:
        self.passes.append(len(images))
        if self.failure:
            raise self.failure
        return [self._verdict(int(np.argmax(i.pixels.mean(axis=(0, 1))))) for i in images]

    def _verdict(self, channel: int) -> Verdict:
        winner = (LogoType.TEXT, LogoType.GRADIENT, LogoType.COMPLEX)[channel]
        shares = {kind: 0.7 if kind is winner else 0.1 for kind in LogoType}
        traits = dict.fromkeys(Trait, 0.5)
        method, why = Method.NEURAL_NETWORK, "by its colour"
        return Verdict(winner, 0.7, shares, traits, method, why, 0.7, calibrated=False)


def rules(confidence: float) -> RuleSet:
    """Return rules that call wide pictures simple for sure, others with this confidence."""
    low, high = (math.log(3 * share / (1 - share)) for share in (confidence, _SETTLED))
    tree = {
        "output": "simple",
        "feature": [0] * 7,
        "limit": [0.3] * 7,
        "value": [0.0] * 7 + [low] * 4 + [high] * 4,
    }
    return RuleSet.from_dict({"version": "1", "features": ["wideness"], "trees": [tree]})


def version(
    network: CountingNetwork | None, confidence: float = 0.5, **parts: Any
) -> LoadedVersion:
    """Return a model version around a network; `parts` replaces single fields of it."""
    asking = rules(confidence)
    defaults: dict[str, Any] = {
        "rules": asking,
        "plan": plan_features(asking.names, asking.side_px),
        "calibrator": Calibrator({}),
        "policy": RoutingPolicy(),
        "network": cast("NeuralClassifier | None", network),
        "network_error": None if network else "it is missing",
        "calibrated": False,
        "features_fingerprint": "features",
        "results_fingerprint": "results",
    }
    return LoadedVersion(**{**defaults, **parts})


def pipeline(
    network: CountingNetwork | None,
    confidence: float = 0.5,
    *,
    cached: bool = True,
    batch_threads: int = 2,
    **parts: Any,
) -> Desk:
    """Return a desk and its sequence; `parts` replaces single fields of the model version."""
    caches = Caches(Caching(), "features", "results") if cached else None
    limits, statistics = Limits(), PerformanceStatistics()
    judgements = caches.judgements if caches else None
    loaded = version(network, confidence, **parts)
    sequence = ClassificationSequence(loaded, limits, statistics, judgements)
    answers = caches.answers if caches else None
    return Desk(limits, sequence, statistics, answers, batch_threads)


def draw(colour: tuple[int, int, int] = RED, size: tuple[int, int] = SQUARE) -> bytes:
    """Return the PNG of one even rectangle on white."""
    picture = Image.new("RGB", (100, 60), "white")
    picture.paste(colour, (5, 5, 5 + size[0], 5 + size[1]))
    file = BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def answer(pipe: Desk, source: Source, options: Options = AUTO) -> Classification:
    """Return the outcome for one picture, which must not be an error."""
    (outcome,) = pipe.run([source], options)
    assert isinstance(outcome, Classification)
    return outcome
