"""The rules: gradient-boosted decision trees on features, stored as data.

`training/rules.py` writes `rules.json`. Every inner node of a tree compares one feature with a
limit. A tree adds the value of the reached leaf to the score of one output (gradient boosting:
Friedman, 2001). `reasoning` names the comparisons with the most effect.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from logo_classifier.pictures.image import NEEDED_SIDE_PX
from logo_classifier.rules.features import MEASURING_SIDE_PX
from logo_classifier.values import Features, LogoType, Method, Trait, Verdict

_REASONS = 3
_LEAST_SIDE_PX = 32
_LARGEST_VALUE = 1e6
"""Of the answer of a tree, far above what boosting fits: sums of them stay finite."""

TYPES = tuple(LogoType)
OUTPUTS = (*(kind.value for kind in TYPES), Trait.LETTERING.value + "?", Trait.GRADIENT.value + "?")
"""The outputs of the trees: four types (softmax), then two traits (one sigmoid each).

The third trait needs no trees: the type is complex if and only if this trait is true.
"""


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Complete binary trees of the same depth, with nodes in breadth-first order.

    `feature` and `limit`, shape (trees, 2^depth - 1), are the comparison of each inner node. If the
    feature is above the limit, the path goes to the right child. `value`, shape
    (trees, 2^(depth + 1) - 1), is the score of each node. It counts for `output`, shape (trees,),
    an index into `OUTPUTS`. The features `names` are measured with a longest side of `side_px`.
    """

    version: str
    names: tuple[str, ...]
    side_px: int
    feature: NDArray[np.intp]
    limit: NDArray[np.float64]
    value: NDArray[np.float64]
    output: NDArray[np.intp]

    @property
    def depth(self) -> int:
        """Return the depth of the trees: the number of comparisons on each path."""
        nodes: int = self.value.shape[1]
        return nodes.bit_length() - 1

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> RuleSet:
        """Build the rules from the parsed `rules.json`; raise ValueError if they are damaged."""
        made = cls(
            version=str(data["version"]),
            names=tuple(data["features"]),
            side_px=int(data.get("side_px", MEASURING_SIDE_PX)),
            feature=_whole([tree["feature"] for tree in data["trees"]]),
            limit=np.array([tree["limit"] for tree in data["trees"]], np.float64),
            value=np.array([tree["value"] for tree in data["trees"]], np.float64),
            output=np.array([OUTPUTS.index(tree["output"]) for tree in data["trees"]], np.intp),
        )
        made._check()
        return made

    def _check(self) -> None:
        if not _LEAST_SIDE_PX <= self.side_px <= NEEDED_SIDE_PX:
            raise ValueError(
                f"side_px must be {_LEAST_SIDE_PX} to {NEEDED_SIDE_PX}, not {self.side_px}"
            )
        inner, nodes = self.feature.shape[1], self.value.shape[1]
        if nodes != 2 * inner + 1 or nodes & (nodes + 1) or self.limit.shape != self.feature.shape:
            raise ValueError(f"{inner} questions and {nodes} answers make no complete tree")
        if not 0 <= self.feature.min() <= self.feature.max() < len(self.names):
            raise ValueError(f"a tree asks for a feature beyond the {len(self.names)} named")
        if not (np.isfinite(self.limit).all() and (np.abs(self.value) <= _LARGEST_VALUE).all()):
            raise ValueError(f"limits must be finite, answers at most {_LARGEST_VALUE} either way")


def _whole(rows: list[list[int]]) -> NDArray[np.intp]:
    indices = np.array(rows)
    if indices.ndim != 2 or indices.dtype.kind != "i":
        raise ValueError("the features of trees are named by whole numbers")
    return indices.astype(np.intp)


def read_rules() -> dict[str, Any]:
    """Return the library's copy of the shipped rules with their calibration, as parsed JSON."""
    text = resources.files("logo_classifier.rules").joinpath("rules.json").read_text("utf-8")
    data: dict[str, Any] = json.loads(text)
    return data


def classify_by_rules(features: Features, rules: RuleSet) -> Verdict:
    """Return the uncalibrated verdict of the rules and the comparisons behind it."""
    measured = np.fromiter(map(features.values.__getitem__, rules.names), float, len(rules.names))
    path = descend(measured, rules)
    scores = np.bincount(rules.output, _reached(path, rules), len(OUTPUTS))
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
        calibrated=False,
    )


def descend(measured: NDArray[np.float64], rules: RuleSet) -> NDArray[np.intp]:
    """Return the node of each tree's path at each depth, shape (depth + 1, trees)."""
    trees, inner = rules.feature.shape
    first = np.arange(0, trees * inner, inner)
    # Flat: with two indices numpy takes several times as long.
    feature, limit = rules.feature.ravel(), rules.limit.ravel()
    path = np.zeros((rules.depth + 1, trees), np.intp)
    for asked in range(rules.depth):
        place = first + path[asked]
        above = measured.take(feature.take(place)) > limit.take(place)
        np.add(2 * path[asked] + 1, above, out=path[asked + 1])
    return path


def _reached(path: NDArray[np.intp], rules: RuleSet) -> NDArray[np.float64]:
    """Return the score of the leaf that each tree reaches, shape (trees,)."""
    trees, nodes = rules.value.shape
    reached: NDArray[np.float64] = rules.value.ravel().take(
        np.arange(0, trees * nodes, nodes) + path[-1]
    )
    return reached


def _explain(
    winner: int, measured: NDArray[np.float64], path: NDArray[np.intp], rules: RuleSet
) -> str:
    """Return the comparisons that raised the winner's score most, as text."""
    trees = (rules.output == winner).nonzero()[0]
    nodes = path.take(trees, axis=1)
    inner, whole = rules.feature.shape[1], rules.value.shape[1]
    reached = rules.value.ravel().take(trees * whole + nodes)
    moved = (reached[1:] - reached[:-1]).ravel()
    place = (trees * inner + nodes[:-1]).ravel()
    asked = rules.feature.ravel().take(place)
    gain = np.bincount(asked, moved, len(rules.names))
    clauses = []
    for index in gain.argsort()[: -_REASONS - 1 : -1].tolist():
        if gain[index] > 0:
            own = np.flatnonzero(asked == index)
            limit = rules.limit.ravel()[place[own[moved[own].argmax()]]]
            value = measured[index]
            side = "above" if value > limit else "not above"
            clauses.append(f"{rules.names[index]} {value:.3f} is {side} {limit:.3f}")
    return f"{TYPES[winner].value}: " + ("; ".join(clauses) or "no feature speaks for it clearly")
