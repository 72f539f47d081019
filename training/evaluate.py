"""Measure rules, network and routed answers on labelled logos, through the service's own path.

python -m training.evaluate --data data --split bench --out metrics.json
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import confusion_matrix, f1_score, log_loss, precision_recall_fscore_support
from tqdm import tqdm

from app.classification import HybridClassifier
from app.classification.calibration import expected_calibration_error
from app.classification.routing import RoutingPolicy
from app.classification.types import AUTO, LogoType, Method, Trait
from training.dataset import Example, flag_targets, read_labels, type_targets

TYPES = [kind.value for kind in LogoType]
METHODS = (Method.RULE_BASED.value, Method.NEURAL_NETWORK.value, AUTO)
_RESAMPLES = 1000

Result = dict[str, Any]


def measure(examples: Sequence[Example], results: Sequence[Result]) -> dict[str, Any]:
    """Return the scores of one method; shares and errors are in 0-1."""
    truth = type_targets(examples)
    shares = np.array([[result["probabilities"][name] for name in TYPES] for result in results])
    shares /= shares.sum(axis=1, keepdims=True)  # replies round to six digits
    predicted = np.array([TYPES.index(result["logo_type"]) for result in results])
    confidence = np.array([result["confidence"] for result in results])
    right = predicted == truth
    labels = list(range(len(TYPES)))
    precision, recall, _, _ = precision_recall_fscore_support(
        truth, predicted, labels=labels, zero_division=0.0
    )
    return {
        "accuracy": float(right.mean()),
        "macro_f1": float(
            f1_score(truth, predicted, labels=labels, average="macro", zero_division=0.0)
        ),
        "precision": dict(zip(TYPES, precision.tolist(), strict=True)),
        "recall": dict(zip(TYPES, recall.tolist(), strict=True)),
        "confusion_matrix": confusion_matrix(truth, predicted, labels=labels).tolist(),
        "trait_f1": _trait_f1(examples, results),
        "expected_calibration_error": expected_calibration_error(confidence, right),
        "expected_calibration_error_interval": _bootstrap_interval(confidence, right),
        "negative_log_likelihood": float(log_loss(truth, shares, labels=labels)),
        "brier_score": float(((shares - np.eye(len(TYPES))[truth]) ** 2).sum(axis=1).mean()),
        "prediction_sets": _prediction_sets(truth, results),
        "confident": _confident(confidence, right),
    }


def _trait_f1(examples: Sequence[Example], results: Sequence[Result]) -> dict[str, float]:
    flags = flag_targets(examples)
    answers = np.array([[r["traits"][trait.value] >= 0.5 for trait in Trait] for r in results])
    scores = f1_score(flags, answers, average=None, zero_division=0.0)
    return {trait.value: float(score) for trait, score in zip(Trait, scores, strict=True)}


def _bootstrap_interval(
    confidence: NDArray[np.float64], right: NDArray[np.bool_]
) -> tuple[float, float]:
    """Return the 95 % percentile bootstrap interval of the calibration error."""
    rng = np.random.default_rng(0)
    draws = rng.integers(0, len(right), (_RESAMPLES, len(right)))
    errors = [expected_calibration_error(confidence[draw], right[draw]) for draw in draws]
    low, high = np.percentile(errors, [2.5, 97.5])
    return float(low), float(high)


def _prediction_sets(truth: NDArray[np.int64], results: Sequence[Result]) -> dict[str, float]:
    sets = [result["prediction_set"] for result in results]
    covered = [TYPES[index] in kinds for index, kinds in zip(truth, sets, strict=True)]
    return {
        "coverage": float(np.mean(covered)),
        "mean_size": float(np.mean([len(kinds) for kinds in sets])),
    }


def _confident(confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> dict[str, float]:
    """Return how much is claimed at the router's first threshold and how much of it is right."""
    claimed = confidence >= RoutingPolicy().confident
    return {
        "threshold": RoutingPolicy().confident,
        "share": float(claimed.mean()),
        "right": float(right[claimed].mean()) if claimed.any() else 0.0,
    }


def evaluate(data: Path, split: str, model: Path | None) -> dict[str, Any]:
    """Classify every picture of a split by every method; return all scores and routes."""
    examples = read_labels(data, split)
    classifier = HybridClassifier(model, enable_caching=False, threads=2)
    info = classifier.get_model_info()
    if not info["loaded"]:
        raise SystemExit(f"no network to evaluate: {info['error']}")
    report: dict[str, Any] = {
        "command": f"make evaluate DATA=<dataset> SPLIT={split}",
        "dataset": {
            "split": split,
            "pictures": len(examples),
            "labels_sha256": hashlib.sha256((data / "labels.csv").read_bytes()).hexdigest(),
        },
        "model": {key: info[key] for key in ("name", "version", "sha256", "rules_version")},
        "methods": {},
    }
    for method in METHODS:
        progress = tqdm(examples, desc=method, unit="img")
        results = [classifier.classify(example.path, method=method) for example in progress]
        report["methods"][method] = measure(examples, results)
        if method == AUTO:
            report["routes"] = _routes(examples, results)
    return report


def _routes(examples: Sequence[Example], results: Sequence[Result]) -> dict[str, Any]:
    """Return how many pictures each route took and how many of them came out right."""
    taken, right = Counter[str](), Counter[str]()
    for example, result in zip(examples, results, strict=True):
        name = f"{result['routing_decision']['tier']} -> {result['method_used']}"
        taken[name] += 1
        right[name] += result["logo_type"] == example.logo_type.value
    return {name: {"pictures": taken[name], "right": right[name]} for name in sorted(taken)}


def show(report: dict[str, Any]) -> None:
    """Print a report as tables."""
    print(f"\n{report['dataset']['pictures']} pictures of split {report['dataset']['split']}")
    for method, scores in report["methods"].items():
        low, high = scores["expected_calibration_error_interval"]
        confident, sets = scores["confident"], scores["prediction_sets"]
        print(f"\n{method}: accuracy {scores['accuracy']:.3f}, macro-F1 {scores['macro_f1']:.3f}")
        print(
            f"  calibration error {scores['expected_calibration_error']:.3f} "
            f"({low:.3f} to {high:.3f}), confidence >= {confident['threshold']}: "
            f"{confident['share']:.3f} of pictures, {confident['right']:.3f} right"
        )
        print(
            f"  prediction sets: {sets['coverage']:.3f} covered, mean size {sets['mean_size']:.2f}"
        )
        print("  trait F1: " + ", ".join(f"{k} {v:.3f}" for k, v in scores["trait_f1"].items()))
        print("  " + "true \\ answer".ljust(14) + "".join(name.rjust(10) for name in TYPES))
        for name, row in zip(TYPES, scores["confusion_matrix"], strict=True):
            cells = "".join(str(count).rjust(10) for count in row)
            print(f"  {name.ljust(14)}{cells}   recall {scores['recall'][name]:.3f}")
    print("\nroutes of auto:")
    for name, counts in report["routes"].items():
        print(f"  {name}: {counts['pictures']} pictures, {counts['right']} right")


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of labels.csv and images/")
    parser.add_argument("--split", default="bench")
    parser.add_argument(
        "--model", type=Path, help="bundle, .onnx or .pth; default: the shipped one"
    )
    parser.add_argument("--out", type=Path, help="where the report goes as JSON")
    arguments = parser.parse_args()
    report = evaluate(arguments.data, arguments.split, arguments.model)
    show(report)
    if arguments.out:
        arguments.out.write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main()
