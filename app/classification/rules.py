"""Classify by thresholds on features: boosted depth-3 decision trees kept as data.

`rules.json` is written by `training/rules.py`. Every tree asks at most three questions of
the form "is this feature above this limit?" and adds its answer to one output's score
(gradient boosting: Friedman, 2001). `reasoning` names the questions that counted most.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.classification.types import Features, LogoType, Method, Trait, Verdict

DEPTH = 3
_INNER = 2**DEPTH - 1
_REASONS = 3

TYPES = tuple(LogoType)
OUTPUTS = (*(kind.value for kind in TYPES), Trait.LETTERING.value + "?", Trait.GRADIENT.value + "?")
"""What the trees score: four types (softmax), then two traits (sigmoid each).

The third trait needs no trees: a picture is of type complex exactly if it is complex.
"""


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Hold complete binary trees of depth 3, their nodes in breadth-first order.

    `feature` and `limit`, shape (trees, 7), are the question of each inner node, answered
    by "above the limit: right child"; `value`, shape (trees, 15), is what reaching a node
    says of the score of `output`, shape (trees,), which indexes `OUTPUTS`.
    """

    version: str
    names: tuple[str, ...]
    feature: NDArray[np.intp]
    limit: NDArray[np.float64]
    value: NDArray[np.float64]
    output: NDArray[np.intp]

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> RuleSet:
        """Build the rules from the parsed `rules.json`."""
        return cls(
            version=str(data["version"]),
            names=tuple(data["features"]),
            feature=np.array([tree["feature"] for tree in data["trees"]], np.intp),
            limit=np.array([tree["limit"] for tree in data["trees"]], np.float64),
            value=np.array([tree["value"] for tree in data["trees"]], np.float64),
            output=np.array([OUTPUTS.index(tree["output"]) for tree in data["trees"]], np.intp),
        )


def read_rules() -> dict[str, Any]:
    """Return the shipped rules and their calibration as parsed JSON."""
    text = resources.files("app.classification").joinpath("rules.json").read_text("utf-8")
    data: dict[str, Any] = json.loads(text)
    return data


def classify_by_rules(features: Features, rules: RuleSet) -> Verdict:
    """Return the rules' uncalibrated verdict with the features and limits behind it."""
    measured = np.array([features.values[name] for name in rules.names])
    path = _descend(measured, rules)
    trees = np.arange(len(rules.output))
    scores = np.bincount(rules.output, rules.value[trees, path[-1]], len(OUTPUTS))
    shares = np.exp(scores[: len(TYPES)] - scores[: len(TYPES)].max())
    shares /= shares.sum()
    winner = int(shares.argmax())
    lettering, gradient = np.exp(-np.logaddexp(0, -scores[len(TYPES) :]))
    probabilities = {kind: float(share) for kind, share in zip(TYPES, shares, strict=True)}
    return Verdict(
        logo_type=TYPES[winner],
        confidence=float(shares[winner]),
        probabilities=probabilities,
        traits={
            Trait.LETTERING: float(lettering),
            Trait.GRADIENT: float(gradient),
            Trait.COMPLEX: probabilities[LogoType.COMPLEX],
        },
        method=Method.RULE_BASED,
        reasoning=_explain(winner, measured, path, rules),
        raw_confidence=float(shares[winner]),
    )


def _descend(measured: NDArray[np.float64], rules: RuleSet) -> list[NDArray[np.intp]]:
    """Return the node that each tree is at after 0, 1, 2 and 3 questions."""
    trees = np.arange(len(rules.output))
    node = np.zeros(len(trees), np.intp)
    path = [node]
    for _ in range(DEPTH):
        above = measured[rules.feature[trees, node]] > rules.limit[trees, node]
        node = 2 * node + 1 + above
        path.append(node)
    return path


def _explain(
    winner: int, measured: NDArray[np.float64], path: list[NDArray[np.intp]], rules: RuleSet
) -> str:
    """Name the features whose questions moved the winner's score most, with their limits."""
    trees = np.flatnonzero(rules.output == winner)
    values, nodes = rules.value[trees], np.array(path)[:, trees]
    reached = np.take_along_axis(values, nodes.T, axis=1)
    moved = np.diff(reached, axis=1).ravel()
    asked = np.take_along_axis(rules.feature[trees], nodes[:-1].T, axis=1).ravel()
    limits = np.take_along_axis(rules.limit[trees], nodes[:-1].T, axis=1).ravel()
    gain = np.bincount(asked, moved, len(rules.names))
    best, limit = np.zeros(len(rules.names)), np.zeros(len(rules.names))
    strongest_last = np.argsort(moved, kind="stable")
    best[asked[strongest_last]] = moved[strongest_last]
    limit[asked[strongest_last]] = limits[strongest_last]
    top = [i for i in np.argsort(-gain)[:_REASONS] if gain[i] > 0 and best[i] > 0]
    clauses = [
        f"{rules.names[i]} {measured[i]:.3f} is "
        f"{'above' if measured[i] > limit[i] else 'not above'} {limit[i]:.3f}"
        for i in top
    ]
    return f"{TYPES[winner].value}: " + ("; ".join(clauses) or "no feature speaks for it clearly")
