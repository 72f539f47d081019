"""Score answers against labels: accuracy, calibration, prediction sets, traits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import confusion_matrix, f1_score, log_loss, precision_recall_fscore_support

from logo_classifier.decision.calibration import expected_calibration_error
from logo_classifier.decision.routing import RoutingPolicy
from logo_classifier.values import LogoType, Trait
from training.labels.dataset import Example, flag_targets, type_targets

TYPES = [kind.value for kind in LogoType]
_RESAMPLES = 1000
_BINS = 15

Result = dict[str, Any]


def measure(examples: Sequence[Example], results: Sequence[Result]) -> dict[str, Any]:
    """Return the scores of one method; shares and errors are in 0-1.

    Precision, recall and macro-F1 cover only the types that occur.
    """
    truth = type_targets(examples)
    shares = np.array([[result["probabilities"][name] for name in TYPES] for result in results])
    shares /= shares.sum(axis=1, keepdims=True)  # replies are rounded to six digits
    predicted = np.array([TYPES.index(result["logo_type"]) for result in results])
    confidence = np.array([result["confidence"] for result in results])
    right = predicted == truth
    labels = list(range(len(TYPES)))
    occurring = np.unique(truth)
    names = [TYPES[index] for index in occurring]
    precision, recall, f1, _ = precision_recall_fscore_support(
        truth, predicted, labels=occurring, zero_division=0.0
    )
    return {
        "accuracy": float(right.mean()),
        "macro_f1": float(f1.mean()),
        "precision": dict(zip(names, precision.tolist(), strict=True)),
        "recall": dict(zip(names, recall.tolist(), strict=True)),
        "confusion_matrix": confusion_matrix(truth, predicted, labels=labels).tolist(),
        "trait_f1": _trait_f1(examples, results),
        "expected_calibration_error": expected_calibration_error(confidence, right),
        "expected_calibration_error_interval": _bootstrap_interval(confidence, right),
        "classwise_calibration_error": _classwise_error(shares, truth),
        "negative_log_likelihood": float(log_loss(truth, shares, labels=labels)),
        "brier_score": float(((shares - np.eye(len(TYPES))[truth]) ** 2).sum(axis=1).mean()),
        "prediction_sets": _prediction_sets(truth, results),
        "reliability": _reliability(confidence, right),
        "confident": _confident(confidence, right),
    }


def _trait_f1(examples: Sequence[Example], results: Sequence[Result]) -> dict[str, float]:
    if any(example.flags is None for example in examples):
        return {}
    flags = flag_targets(examples)
    answers = np.array([[r["traits"][trait.value] >= 0.5 for trait in Trait] for r in results])
    scores = f1_score(flags, answers, average=None, zero_division=0.0)
    return {trait.value: float(score) for trait, score in zip(Trait, scores, strict=True)}


def _bootstrap_interval(
    confidence: NDArray[np.float64], right: NDArray[np.bool_]
) -> tuple[float, float]:
    """Return the 95 % percentile bootstrap interval of the calibration error.

    It is biased upwards and may lie above the estimate. Resampling adds noise to every bin, and
    noise increases a sum of absolute values (percentile method: Efron and Tibshirani, 1993).
    """
    rng = np.random.default_rng(0)
    draws = rng.integers(0, len(right), (_RESAMPLES, len(right)))
    errors = [expected_calibration_error(confidence[draw], right[draw]) for draw in draws]
    low, high = np.percentile(errors, [2.5, 97.5])
    return float(low), float(high)


def _classwise_error(shares: NDArray[np.float64], truth: NDArray[np.int64]) -> float:
    """Return the classwise calibration error: the mean over the types' probabilities."""
    columns = range(len(TYPES))
    errors = [expected_calibration_error(shares[:, k], truth == k) for k in columns]
    return float(np.mean(errors))


def _prediction_sets(truth: NDArray[np.int64], results: Sequence[Result]) -> dict[str, Any]:
    sets = [result["prediction_set"] for result in results]
    covered = np.array([TYPES[k] in kinds for k, kinds in zip(truth, sets, strict=True)])
    return {
        "coverage": float(covered.mean()),
        "mean_size": float(np.mean([len(kinds) for kinds in sets])),
        "coverage_by_type": {
            name: float(covered[truth == index].mean())
            for index, name in enumerate(TYPES)
            if (truth == index).any()
        },
    }


def _reliability(
    confidence: NDArray[np.float64], right: NDArray[np.bool_]
) -> list[dict[str, float]]:
    """Return the equal-mass bins of the calibration error."""
    order = np.argsort(confidence, kind="stable")
    parts = [part for part in np.array_split(order, _BINS) if len(part)]
    return [
        {
            "pictures": len(part),
            "confidence": float(confidence[part].mean()),
            "accuracy": float(right[part].mean()),
        }
        for part in parts
    ]


def _confident(confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> dict[str, float]:
    """Return the share of pictures above the router's first threshold, and their accuracy."""
    claimed = confidence >= RoutingPolicy().confident
    return {
        "threshold": RoutingPolicy().confident,
        "share": float(claimed.mean()),
        "right": float(right[claimed].mean()) if claimed.any() else 0.0,
    }


def by_source(examples: Sequence[Example], results: Sequence[Result]) -> dict[str, Any]:
    """Return the number of pictures of each source and the accuracy on them."""
    taken, right = Counter[str](), Counter[str]()
    for example, result in zip(examples, results, strict=True):
        taken[example.source] += 1
        right[example.source] += result["logo_type"] == example.logo_type.value
    return {
        name: {"pictures": taken[name], "accuracy": right[name] / taken[name]}
        for name in sorted(taken)
    }


def routes(examples: Sequence[Example], results: Sequence[Result]) -> dict[str, Any]:
    """Return the number of pictures of each route and how many of them are right."""
    taken, right = Counter[str](), Counter[str]()
    for example, result in zip(examples, results, strict=True):
        name = f"{result['routing_decision']['tier']} -> {result['method_used']}"
        taken[name] += 1
        right[name] += result["logo_type"] == example.logo_type.value
    return {name: {"pictures": taken[name], "right": right[name]} for name in sorted(taken)}
