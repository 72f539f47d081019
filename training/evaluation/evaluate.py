"""Measure rules, network and routed answers on labelled logos, with the code of the service.

    python -m training.evaluation.evaluate --data data --split bench --out runs/evaluation

writes `metrics.json` and `report.html`, which shows every misclassified picture.
"""

from __future__ import annotations

import argparse
import json
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tqdm import tqdm

from logo_classifier import HybridClassifier
from logo_classifier.errors import InvalidInput, ModelUnavailable
from logo_classifier.network.bundle import load_bundle
from logo_classifier.pictures.image import load_image
from logo_classifier.values import AUTO, Method
from logo_classifier.versions.shipped import shipped
from training.behaviour import suite
from training.behaviour.measure import ask, score
from training.behaviour.table import table
from training.evaluation import report as html
from training.evaluation import robustness, uncertainty
from training.evaluation.scores import TYPES, Result, by_source, measure, routes
from training.labels.dataset import Example, labels_digest, read_examples
from training.labels.fetch import fetch_fonts
from training.labels.packages import FetchError

DATA = Path(__file__).parents[2] / "data"
"""The dataset that `make evaluate` uses by default."""

METHODS = (Method.RULE_BASED.value, Method.NEURAL_NETWORK.value, AUTO)


def evaluate(
    data: Path,
    split: str,
    model: Path | None,
    out: Path,
    variants: bool = False,
    behaviour: bool = False,
) -> dict[str, Any]:
    """Classify every picture by every method; write and return all scores and routes.

    `variants` adds degraded copies, which takes minutes, `behaviour` drawn pictures. Raises
    ValueError for labels of no use, ModelUnavailable without network, FetchError without fonts.
    """
    examples = read_examples(data, split)
    fonts = fetch_fonts(_packages(data), suite.FONTS) if behaviour else []
    classifier = _classifier_of(model)
    info = classifier.get_model_info()
    _check_all(examples)
    answers = {method: _classify_all(classifier, examples, method) for method in METHODS}
    results = answers[AUTO]
    scored: dict[str, Any] = {
        "command": command_for(data, split, model, variants, behaviour),
        "dataset": _dataset(split, examples),
        "model": {key: info[key] for key in ("name", "version", "sha256", "rules_version")},
        "methods": {name: measure(examples, given) for name, given in answers.items()},
        "sources": by_source(examples, results),
        "routes": routes(examples, results),
    }
    scored |= _uncertainty_of(model, examples, answers[Method.NEURAL_NETWORK.value])
    if variants:
        scored["robustness"] = robustness.measure_variants(classifier, examples, results)
    if fonts:
        scored["behaviour"] = score(ask(classifier, suite.draw_suite(fonts)))
    out.mkdir(parents=True, exist_ok=True)
    (out / "metrics.json").write_text(json.dumps(scored, indent=2) + "\n")
    html.write(out / "report.html", scored, examples, results)
    return scored


def _dataset(split: str, examples: list[Example]) -> dict[str, Any]:
    return {
        "split": split,
        "pictures": len(examples),
        "labels_sha256": labels_digest(examples),
    }


def _uncertainty_of(
    model: Path | None, examples: list[Example], results: list[Result]
) -> dict[str, Any]:
    doubts = uncertainty.ask(load_bundle(model or shipped()), examples)
    return {} if doubts is None else {"uncertainty": uncertainty.compare(examples, results, doubts)}


def _classifier_of(model: Path | None) -> HybridClassifier:
    classifier = HybridClassifier(model, enable_caching=False, threads=2)
    info = classifier.get_model_info()
    if not info["loaded"]:
        raise ModelUnavailable(f"no network to evaluate: {info['error']}")
    return classifier


def _packages(data: Path) -> Path:
    """Return the folder of the fetched packages: that of a dataset, or else of ours."""
    return (data if (data / "labels.csv").is_file() else DATA) / "packages"


def _check_all(examples: Sequence[Example]) -> None:
    """Raise ValueError with the names of all files that do not decode."""
    refused = []
    for example in tqdm(examples, desc="check", unit="img"):
        try:
            load_image(example.path)
        except InvalidInput as error:
            refused.append(f"{example.path}: {error}")
    if refused:
        raise ValueError(f"{len(refused)} files are refused\n" + "\n".join(refused))


def _classify_all(
    classifier: HybridClassifier, examples: Sequence[Example], method: str
) -> list[Result]:
    paths = [example.path for example in examples]
    return [classifier.classify(path, method=method) for path in tqdm(paths, method, unit="img")]


def command_for(
    data: Path, split: str, model: Path | None, variants: bool, behaviour: bool = False
) -> str:
    """Return the command that repeats an evaluation, without the defaults of `make`."""
    words = ["make", "evaluate"]
    if data.resolve() != DATA.resolve():
        words.append(f"DATA={data}")
    if model is not None and model.resolve() != shipped().resolve():
        words.append(f"MODEL={model}")
    words.append(f"SPLIT={split}")
    if variants:
        words.append("VARIANTS=1")
    if behaviour:
        words.append("BEHAVIOUR=1")
    return shlex.join(words)


def show(report: dict[str, Any]) -> None:
    """Print a report as tables."""
    print(f"\n{report['dataset']['pictures']} pictures")
    for method, scores in report["methods"].items():
        low, high = scores["expected_calibration_error_interval"]
        confident, sets = scores["confident"], scores["prediction_sets"]
        print(f"\n{method}: accuracy {scores['accuracy']:.3f}, macro-F1 {scores['macro_f1']:.3f}")
        print(
            f"  calibration error {scores['expected_calibration_error']:.3f} "
            f"({low:.3f} to {high:.3f}), confidence >= {confident['threshold']}: "
            f"{confident['share']:.3f} of pictures, {confident['right']:.3f} right"
        )
        by_type = ", ".join(f"{k} {v:.3f}" for k, v in sets["coverage_by_type"].items())
        print(
            f"  prediction sets: {sets['coverage']:.3f} covered ({by_type}), "
            f"mean size {sets['mean_size']:.2f}"
        )
        print("  trait F1: " + ", ".join(f"{k} {v:.3f}" for k, v in scores["trait_f1"].items()))
        print("  " + "true \\ answer".ljust(14) + "".join(name.rjust(10) for name in TYPES))
        for name, row in zip(TYPES, scores["confusion_matrix"], strict=True):
            cells = "".join(str(count).rjust(10) for count in row)
            print(f"  {name.ljust(14)}{cells}   recall {_share_text(scores['recall'], name)}")
    print("\nsources: " + ", ".join(_source_text(*item) for item in report["sources"].items()))
    print("\nroutes of auto:")
    for name, counts in report["routes"].items():
        print(f"  {name}: {counts['pictures']} pictures, {counts['right']} right")
    if "uncertainty" in report:
        print("\n" + uncertainty.describe(report["uncertainty"]))
    if "robustness" in report:
        print("\nvariants of every picture, by auto:")
        for name, row in report["robustness"].items():
            print(
                f"  {name.ljust(14)} accuracy {row['accuracy']:.3f} of {row['pictures']} "
                f"(unchanged: {row['unchanged_accuracy']:.3f}), same type {row['same_type']:.3f}"
            )
    if "behaviour" in report:
        print("\ndrawn pictures, by auto:\n" + table(report["behaviour"]))


def _share_text(shares: dict[str, float], name: str) -> str:
    return f"{shares[name]:.3f}" if name in shares else "-"


def _source_text(name: str, row: dict[str, Any]) -> str:
    return f"{name or 'all'} {row['accuracy']:.3f} of {row['pictures']}"


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--data",
        type=Path,
        required=True,
        help="folder of labels.csv and images/, folder with one folder a type, "
        "or CSV file with the columns path and logo_type",
    )
    parser.add_argument("--split", default="bench", help="of labels.csv, or held-out")
    parser.add_argument(
        "--model", type=Path, help="bundle, .onnx or .pth; default: the shipped one"
    )
    parser.add_argument("--out", type=Path, required=True, help="folder for the two results")
    parser.add_argument("--variants", action="store_true", help="degraded copies too")
    parser.add_argument("--behaviour", action="store_true", help="drawn pictures too")
    arguments = parser.parse_args()
    try:
        scored = evaluate(**vars(arguments))
    except (FetchError, ModelUnavailable) as error:
        raise SystemExit(str(error)) from error
    except (OSError, ValueError) as error:
        raise SystemExit(f"cannot evaluate {arguments.data}: {error}") from error
    show(scored)
    print(f"\nmisclassified pictures: {arguments.out / 'report.html'}")


if __name__ == "__main__":
    main()
