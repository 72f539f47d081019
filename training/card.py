"""Write a model's card from its `metrics.json`, so that no number is typed by hand.

python -m training.card --model models/logo-type/1.0.0
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from app.classification.types import LogoType

TEMPLATE = Path(__file__).with_name("card_template.md")


def percent(share: float) -> str:
    """Return a share of 0-1 as a percentage with one decimal."""
    return f"{100 * share:.1f} %"


def render(config: dict[str, Any], metrics: dict[str, Any]) -> str:
    """Return the card's text."""
    methods, auto = metrics["methods"], metrics["methods"]["auto"]
    pictures = metrics["dataset"]["pictures"]
    confident = methods["rule_based"]["confident"]
    names = [kind.value for kind in LogoType]
    traits = methods["neural_network"]["trait_f1"]
    margin = 196 * (auto["accuracy"] * (1 - auto["accuracy"]) / pictures) ** 0.5
    return TEMPLATE.read_text("utf-8").format(
        name=config["name"],
        version=config["version"],
        side_px=config["input"]["side_px"],
        split=metrics["dataset"]["split"],
        pictures=pictures,
        command=metrics["command"],
        summary="\n".join(_summary_row(name, scores) for name, scores in methods.items()),
        by_type="\n".join(
            f"| {name} | {percent(auto['precision'][name])} | {percent(auto['recall'][name])} |"
            for name in names
        ),
        traits=", ".join(f"{name} {value:.3f}" for name, value in traits.items()),
        threshold=confident["threshold"],
        share=percent(confident["share"]),
        right=percent(confident["right"]),
        types=" | ".join(names),
        confusion="\n".join(
            f"| {name} | {' | '.join(map(str, row))} |"
            for name, row in zip(names, auto["confusion_matrix"], strict=True)
        ),
        routes="\n".join(
            f"| {route} | {counts['pictures']} | {counts['right']} |"
            for route, counts in metrics["routes"].items()
        ),
        margin=f"{margin:.1f}",
    )


def _summary_row(method: str, scores: dict[str, Any]) -> str:
    low, high = scores["expected_calibration_error_interval"]
    sets = scores["prediction_sets"]
    return (
        f"| {method} | {percent(scores['accuracy'])} | {scores['macro_f1']:.3f} "
        f"| {scores['expected_calibration_error']:.3f} ({low:.3f}-{high:.3f}) "
        f"| {percent(sets['coverage'])} | {sets['mean_size']:.2f} |"
    )


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True, help="models/<name>/<version>")
    folder = parser.parse_args().model
    config = json.loads((folder / "config.json").read_text())
    metrics = json.loads((folder / "metrics.json").read_text())
    (folder / "README.md").write_text(render(config, metrics))


if __name__ == "__main__":
    main()
