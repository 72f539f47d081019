"""Record a version's answers for the golden pictures, as the last step of sealing it.

    python -m training.golden --model runs/logo-type/remade

writes `golden.json` into the bundle and names it in `config.json`. Whoever loads the version on
another machine compares with it (`logo-classifier models verify`).
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from logo_classifier import HybridClassifier, ModelUnavailable, Registry
from logo_classifier.network.bundle import load_bundle
from logo_classifier.versions.golden import GOLDEN, Record, record_answers
from training.sealing import write_part

LOGIT_SHIFT = 0.095
"""How far logits moved at most between the kernels of processors with and without VNNI for a
network with 7-bit weights (docs/decisions/0010-eight-bit-integers.md)."""


def record(bundle: Path, logit_shift: float) -> Record:
    """Return a bundle's answers for the golden pictures.

    Raises ModelUnavailable if its network does not load, and ValueError if it is not calibrated.
    """
    calibration = load_bundle(bundle).calibration
    if not calibration:
        raise ValueError(f"{bundle} has no calibration: calibrate first")
    classifier = HybridClassifier(bundle, enable_caching=False)
    if error := classifier.get_model_info()["error"]:
        raise ModelUnavailable(error)

    def ask(picture: bytes, method: str) -> Mapping[str, Any]:
        return classifier.classify(picture, method=method)

    least = min(fitted.temperature for fitted in calibration.values())
    return record_answers(Registry().golden_pictures(), ask, logit_shift, least)


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True, help="models/<name>/<version>")
    parser.add_argument(
        "--logit-shift",
        type=float,
        default=LOGIT_SHIFT,
        help="how far logits move between processors at most",
    )
    arguments = parser.parse_args()
    try:
        made = record(arguments.model, arguments.logit_shift)
    except (ModelUnavailable, ValueError) as error:
        raise SystemExit(f"nothing is recorded: {error}") from error
    write_part(arguments.model, GOLDEN, made.to_json())
    print(f"{len(made.pictures)} pictures; log-odds may differ by {made.log_odds}")


if __name__ == "__main__":
    main()
