"""Measure a model on drawn pictures whose type is known by how they are drawn.

    python -m training.behaviour --fonts data/packages --out runs/evaluation

fetches the fonts that are missing, prints a table of shares right by kind, and writes
`behaviour.json`. Nothing is fitted on these pictures, and no labelled picture is among them.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from logo_classifier import HybridClassifier
from logo_classifier.errors import ModelUnavailable
from training.behaviour.kind import Case
from training.behaviour.measure import ask, score, wrong
from training.behaviour.suite import FONTS, SEED, draw_suite
from training.behaviour.table import table
from training.labels.fetch import fetch_fonts
from training.labels.packages import FetchError


def measure(model: Path | None, cases: Iterable[Case], out: Path) -> dict[str, Any]:
    """Ask a model for the type of every picture; write and return the scores.

    Raises ModelUnavailable without a network.
    """
    classifier = HybridClassifier(model, enable_caching=False, threads=2)
    info = classifier.get_model_info()
    if not info["loaded"]:
        raise ModelUnavailable(f"no network to measure: {info['error']}")
    answers = ask(classifier, cases)
    scored = {
        "model": {key: info[key] for key in ("name", "version", "sha256", "rules_version")},
        **score(answers),
        "wrong": wrong(answers),
    }
    out.mkdir(parents=True, exist_ok=True)
    (out / "behaviour.json").write_text(json.dumps(scored, indent=2) + "\n")
    return scored


def write_pictures(cases: Iterable[Case], folder: Path) -> None:
    """Write every picture into the folder of its kind, to be looked at."""
    for case in cases:
        path = folder / case.kind.replace(" ", "-") / case.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(case.data)


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--model", type=Path, help="bundle, .onnx or .pth; default: the shipped one"
    )
    parser.add_argument("--fonts", type=Path, required=True, help="folder of fetched packages")
    parser.add_argument("--out", type=Path, required=True, help="folder for behaviour.json")
    parser.add_argument("--seed", type=int, default=SEED, help="other pictures of the same kinds")
    parser.add_argument("--pictures", type=Path, help="folder to write the pictures into as well")
    arguments = parser.parse_args()
    try:
        cases = list(draw_suite(fetch_fonts(arguments.fonts, FONTS), arguments.seed))
        scored = measure(arguments.model, cases, arguments.out)
    except (FetchError, ModelUnavailable) as error:
        raise SystemExit(str(error)) from error
    if arguments.pictures:
        write_pictures(cases, arguments.pictures)
    print(table(scored))
    print(f"\nwhat was wrong: {arguments.out / 'behaviour.json'}")


if __name__ == "__main__":
    main()
