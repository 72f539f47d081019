"""Assemble pipelines around a network that counts its passes and fails on demand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, cast

import numpy as np
from PIL import Image

from app.classification.caching import Caches, Caching
from app.classification.calibration import Calibrator
from app.classification.image import LoadedImage
from app.classification.neural import NeuralClassifier
from app.classification.options import Options
from app.classification.pipeline import Pipeline
from app.classification.registry import load_bundle
from app.classification.routing import RoutingPolicy
from app.classification.rules import RuleSet
from app.classification.source import Limits, Source
from app.classification.statistics import PerformanceStatistics
from app.classification.types import Classification, LogoType, Method, Trait, Verdict
from tests.classification.networks import write_bundle

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
        return Verdict(winner, 0.7, shares, traits, Method.NEURAL_NETWORK, "by its colour", 0.7)


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


def pipeline(network: CountingNetwork | None, confidence: float = 0.5, **parts: Any) -> Pipeline:
    """Return a pipeline with caches; `parts` replaces single fields of it."""
    caches = Caches(Caching(), "features", "results")
    defaults: dict[str, Any] = {
        "limits": Limits(),
        "policy": RoutingPolicy(),
        "rules": rules(confidence),
        "calibrator": Calibrator({}),
        "network": cast("NeuralClassifier | None", network),
        "network_error": None if network else "it is missing",
        "statistics": PerformanceStatistics(),
        "answers": caches.answers,
        "judgements": caches.judgements,
    }
    return Pipeline(**{**defaults, **parts})


def draw(colour: tuple[int, int, int] = RED, size: tuple[int, int] = SQUARE) -> bytes:
    """Return the PNG of one even rectangle on white."""
    picture = Image.new("RGB", (100, 60), "white")
    picture.paste(colour, (5, 5, 5 + size[0], 5 + size[1]))
    file = BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def answer(pipe: Pipeline, source: Source, options: Options = AUTO) -> Classification:
    """Return the outcome for one picture, which must not be an error."""
    (outcome,) = pipe.run([source], options)
    assert isinstance(outcome, Classification)
    return outcome
