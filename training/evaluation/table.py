"""Show the scores of versions as Markdown: a table for each set of pictures, a column a version."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from logo_classifier.values import AUTO, Method
from training.evaluation.scores import TYPES

Scores = dict[str, Any]

METHODS = {AUTO: "routed", Method.NEURAL_NETWORK.value: "network"}

_NOTES = """\
- *Routed* is the answer of `auto`, *network* that of the network alone.
- The error of calibration is over 15 bins of equal mass; log loss is natural.
- *Newest : this* counts the pictures that, of the two, only the newest version gets right, and \
those that only this one does, with the exact two-sided p of McNemar's test.
- Confidences and sets of all versions were fitted on held-out pictures, and the rules have learnt \
them. There the accuracy of the network alone counts, but for 1.0.0, which held out other pictures.
- Sums of 8-bit products {sums}.
- Code: {code}.
"""


def table(scored: dict[str, Any]) -> str:
    """Return the tables of a comparison, and notes on how to read them."""
    parts = [_set_table(name, part) for name, part in scored["sets"].items()]
    code = ", ".join(
        f"{version} of {commit[:7]}" if commit else f"{version} of this checkout"
        for version, commit in scored["code"].items()
    )
    sums = "do not overflow" if scored["exact"] else "may overflow on this processor"
    return "\n".join([*parts, _NOTES.format(sums=sums, code=code)])


def _set_table(name: str, part: dict[str, Any]) -> str:
    versions = list(part["versions"])
    lines = [
        f"| {name} ({part['pictures']} logos) | {' | '.join(versions)} |",
        f"|---|{'---|' * len(versions)}",
    ]
    for method, title in METHODS.items():
        for row, cell in _rows().items():
            cells = [cell(part["versions"][version][method]) for version in versions]
            lines.append(f"| {title}, {row} | {' | '.join(cells)} |")
        pairs = [_pair(part["pairs"].get(version, {}).get(method)) for version in versions]
        lines.append(f"| {title}, newest : this | {' | '.join(pairs)} |")
    return "\n".join(lines) + "\n"


def _rows() -> dict[str, Callable[[Scores], str]]:
    """Return what a row says, by its name."""
    return {
        "right": lambda scores: _percent(scores["accuracy"]),
        "macro-F1": lambda scores: f"{scores['macro_f1']:.3f}",
        "calibration error": lambda scores: f"{scores['expected_calibration_error']:.3f}",
        "log loss": lambda scores: f"{scores['negative_log_likelihood']:.3f}",
        **{f"recall of {name}": partial(_recall, name) for name in TYPES},
        "sets: covered, mean size": _sets,
    }


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _recall(name: str, scores: Scores) -> str:
    recall = scores["recall"]
    return f"{recall[name]:.3f}" if name in recall else "-"


def _sets(scores: Scores) -> str:
    sets = scores["prediction_sets"]
    return f"{_percent(sets['coverage'])}, {sets['mean_size']:.2f}"


def _pair(counts: dict[str, Any] | None) -> str:
    if counts is None:
        return "-"
    return f"{counts['newest_alone']} : {counts['older_alone']}, p = {counts['p']:.2f}"
