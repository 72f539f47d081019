"""Write the model card from measured scores, so that no number is typed by hand.

    python -m training.evaluation.card --model runs/logo-type/remade --metrics metrics.json

writes `metrics.json`, two plots and `README.md` into the bundle.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from logo_classifier.values import LogoType
from training.evaluation.plots import draw_calibration, draw_confusion
from training.network.recipe import RECIPES, Recipe
from training.network.vit import DEPTH, WIDTH

TEMPLATE = "card_template.md"
CARD_SPLIT = "bench"
CALIBRATION_PLOT, CONFUSION_PLOT = "calibration.svg", "confusion.svg"


def percent(share: float) -> str:
    """Return a share (0-1) as a percentage with one decimal."""
    return f"{100 * share:.1f} %"


def _decimals(value: float, count: int = 3) -> str:
    return f"{value:.{count}f}"


def render(config: dict[str, Any], metrics: dict[str, Any], calibration: dict[str, Any]) -> str:
    """Return the text of the card."""
    pages = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - Markdown of our own numbers
        trim_blocks=True,
        keep_trailing_newline=True,
    )
    pages.filters |= {"percent": percent, "decimals": _decimals}
    pictures, accuracy = metrics["dataset"]["pictures"], metrics["methods"]["auto"]["accuracy"]
    return pages.get_template(TEMPLATE).render(
        config=config,
        metrics=metrics,
        calibration=calibration,
        auto=metrics["methods"]["auto"],
        rules=metrics["methods"]["rule_based"],
        network=metrics["methods"]["neural_network"],
        types=[kind.value for kind in LogoType],
        margin=196 * (accuracy * (1 - accuracy) / pictures) ** 0.5,
        start=RECIPES.get(config.get("architecture", ""), Recipe()).start,
        vit={"depth": DEPTH, "width": WIDTH},
        plots={"calibration": CALIBRATION_PLOT, "confusion": CONFUSION_PLOT},
    )


def write(folder: Path, metrics: dict[str, Any]) -> None:
    """Write the metrics, the plots and the card into a bundle.

    Raises ValueError for metrics of other weights or of another split than `bench`.
    """
    config = json.loads((folder / "config.json").read_text())
    measured, split = metrics["model"], metrics["dataset"]["split"]
    if measured["sha256"] != config["sha256"][config["weights"]]:
        raise ValueError(
            f"the metrics are of {measured['name']} {measured['version']}, the card of "
            f"{config['name']} {config['version']}"
        )
    if split != CARD_SPLIT:
        raise ValueError(f"the metrics are of {split!r}, a card tells those of {CARD_SPLIT!r}")
    calibration = json.loads((folder / "calibration.json").read_text())
    (folder / "metrics.json").write_text(json.dumps(metrics, indent=2) + "\n")
    draw_calibration(folder / CALIBRATION_PLOT, metrics["methods"])
    draw_confusion(folder / CONFUSION_PLOT, metrics["methods"]["auto"]["confusion_matrix"])
    (folder / "README.md").write_text(render(config, metrics, calibration))


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", type=Path, required=True, help="models/<name>/<version>")
    parser.add_argument("--metrics", type=Path, required=True, help="of an evaluation")
    arguments = parser.parse_args()
    try:
        write(arguments.model, json.loads(arguments.metrics.read_text()))
    except ValueError as error:
        raise SystemExit(f"no card is written: {error}") from error


if __name__ == "__main__":
    main()
