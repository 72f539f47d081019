"""Compare how well a network's own uncertainty and its confidence find its errors.

AUROC of error detection: the chance that a wrong answer has the higher score than a right one.
AURC: the mean share of wrong answers when only the surest are kept, over all numbers that are kept
(Geifman et al., 2019, arXiv 1805.08206).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from logo_classifier.network.bundle import ModelBundle
from logo_classifier.pictures.image import fit_square, load_image
from training.evaluation.scores import Result
from training.labels.dataset import Example

OUTPUT = "uncertainty"
_RESAMPLES = 1000

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def ask(bundle: ModelBundle, examples: Sequence[Example]) -> Floats | None:
    """Return the uncertainty (0-1) of the network on each picture; None if it tells none."""
    if bundle.runtime != "onnx":
        return None
    session = onnxruntime.InferenceSession(
        bundle.read_weights(), providers=["CPUExecutionProvider"]
    )
    if OUTPUT not in [output.name for output in session.get_outputs()]:
        return None
    (pixels,) = session.get_inputs()
    doubts = []
    for example in examples:
        square = fit_square(load_image(example.path), bundle.side_px)
        (doubt,) = session.run([OUTPUT], {pixels.name: square[None]})
        doubts.append(float(doubt[0]))
    return np.array(doubts)


def compare(
    examples: Sequence[Example], results: Sequence[Result], doubts: Floats
) -> dict[str, Any]:
    """Return AUROC and AURC of uncertainty and of confidence on the same answers of the network.

    The 95 % intervals of AUROC's difference are of 1,000 paired resamples of the pictures. AUROC
    and its difference are None where all answers are right, or all are wrong.
    """
    wrong = np.array(
        [r["logo_type"] != e.logo_type.value for e, r in zip(examples, results, strict=True)]
    )
    unsure = 1 - np.array([result["confidence"] for result in results])
    scores = {"uncertainty": doubts, "confidence": unsure}
    return {
        "pictures": len(wrong),
        "errors": int(wrong.sum()),
        "auroc": {name: auroc(wrong, score) for name, score in scores.items()},
        "aurc": {name: aurc(wrong, score) for name, score in scores.items()},
        "auroc_difference_interval": _interval(wrong, doubts, unsure),
    }


def auroc(wrong: Bools, score: Floats) -> float | None:
    """Return the chance that a wrong answer scores above a right one; ties count half."""
    if wrong.all() or not wrong.any():
        return None
    return float(roc_auc_score(wrong, score))


def aurc(wrong: Bools, score: Floats) -> float:
    """Return the mean error (0-1) of the k answers with the lowest score, over all k."""
    kept = wrong[np.argsort(score, kind="stable")]
    return float((np.cumsum(kept) / np.arange(1, len(kept) + 1)).mean())


def _interval(wrong: Bools, doubts: Floats, unsure: Floats) -> tuple[float, float] | None:
    """Return the interval of the AUROC of `doubts` less that of `unsure`."""
    rng = np.random.default_rng(0)
    differences = []
    for draw in rng.integers(0, len(wrong), (_RESAMPLES, len(wrong))):
        ours, theirs = (auroc(wrong[draw], score[draw]) for score in (doubts, unsure))
        if ours is not None and theirs is not None:
            differences.append(ours - theirs)
    if not differences:
        return None
    low, high = np.percentile(differences, [2.5, 97.5])
    return float(low), float(high)


def describe(scores: dict[str, Any]) -> str:
    """Return a comparison as text."""
    lines = [
        f"{scores['errors']} errors of the network in {scores['pictures']} pictures, found by:"
    ]
    for name, area in scores["auroc"].items():
        found = "-" if area is None else f"{area:.3f}"
        lines.append(f"  {name.ljust(12)} AUROC {found}, AURC {scores['aurc'][name]:.4f}")
    if scores["auroc_difference_interval"] is not None:
        low, high = scores["auroc_difference_interval"]
        lines.append(f"  AUROC of uncertainty less that of confidence: {low:.3f} to {high:.3f}")
    return "\n".join(lines)
