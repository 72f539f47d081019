"""Fit the rules, gradient-boosted trees, on all labels except `bench`; write them into a bundle.

They learn from drawn logos and from small copies, too, whose kinds have few labelled pictures.

    python -m training.rules --data data --out runs/logo-type/remade

Confidences are calibrated by cross-validation: on pictures of `train` that the trees were not
fitted on.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import GradientBoostingClassifier
from tqdm import tqdm

from logo_classifier.decision.calibration import MethodCalibration, scale
from logo_classifier.decision.routing import RoutingPolicy
from logo_classifier.network.bundle import RULES
from logo_classifier.rules.features import plan_groups
from logo_classifier.rules.trees import TYPES, RuleSet, classify_by_rules
from logo_classifier.values import Features, LogoType, Trait
from training.fitting import (
    Floats,
    Ints,
    fit_temperature,
    fit_trait_temperatures,
    set_thresholds,
)
from training.rule_pictures import JUDGED, RulePictures, gather
from training.sealing import write_part

CROSS_VALIDATION_FOLDS = 5
UNSETTLED_CEILING = RoutingPolicy().unsettled_ceiling


@dataclass(frozen=True)
class Recipe:
    """The hyperparameters of the fit."""

    rounds: int = 120
    depth: int = 3
    learning_rate: float = 0.12
    min_samples_leaf: int = 20
    subsample: float = 0.7
    settled_precision: float = 0.97
    """Lower confidence bound of the accuracy on settled pictures, labelled ones and each kind."""
    side_px: int = 160
    groups: tuple[str, ...] = ("areas", "parts", "area_rows", "softness", "inks", "ink_rows")
    """Groups of features, besides those that are always measured."""
    drawn: int = 2500
    small_share: float = 0.3
    """Share of the pictures without letters and detail that are learnt from as small files too."""
    seed: int = 1


def fit_trees(
    names: tuple[str, ...], values: Floats, types: Ints, flags: NDArray[np.float32], recipe: Recipe
) -> dict[str, Any]:
    """Fit trees for the type and for two traits; return them as data for `rules.json`."""
    trees = _boost(values, types, [kind.value for kind in TYPES], recipe)
    for column, trait in ((0, Trait.LETTERING), (1, Trait.GRADIENT)):
        trees += _boost(values, flags[:, column].astype(np.int64), [f"{trait.value}?"], recipe)
    head = {"version": "unversioned", "side_px": recipe.side_px, "features": list(names)}
    return {**head, "trees": trees}


def _boost(values: Floats, targets: Ints, outputs: list[str], recipe: Recipe) -> list[Any]:
    # init="zero": the whole score is in the trees, without an initial value outside of them.
    booster = GradientBoostingClassifier(
        n_estimators=recipe.rounds,
        learning_rate=recipe.learning_rate,
        max_depth=recipe.depth,
        min_samples_leaf=recipe.min_samples_leaf,
        subsample=recipe.subsample,
        max_features="sqrt",
        random_state=recipe.seed,
        init="zero",
    ).fit(values, targets)
    return [
        {"output": output, **_complete(tree.tree_, recipe)}
        for row in booster.estimators_
        for output, tree in zip(outputs, row, strict=True)
    ]


def _complete(tree: Any, recipe: Recipe) -> dict[str, Any]:
    """Return a tree as a complete one in breadth-first order; an early leaf is repeated below.

    The value of an inner node is the mean of its leaves, weighted by their pictures. The value of
    scikit-learn is not used: it is the mean residual, on another scale than the leaves.
    """
    means = _mean_leaves(tree)
    place = [0]
    inner = 2**recipe.depth - 1
    feature, limit = [], []
    for index in range(inner):
        node = place[index]
        is_leaf = tree.children_left[node] == -1
        feature.append(0 if is_leaf else int(tree.feature[node]))
        limit.append(0.0 if is_leaf else round(float(tree.threshold[node]), 6))
        place += [node, node] if is_leaf else [tree.children_left[node], tree.children_right[node]]
    value = [round(recipe.learning_rate * float(means[node]), 5) for node in place]
    return {"feature": feature, "limit": limit, "value": value}


def _mean_leaves(tree: Any) -> Floats:
    """Return for each node the mean value of its leaves, weighted by their pictures."""
    means: Floats = tree.value[:, 0, 0].copy()
    weights = tree.weighted_n_node_samples
    for node in range(tree.node_count - 1, -1, -1):  # children come after their parents
        left, right = tree.children_left[node], tree.children_right[node]
        if left != -1:
            parts = [means[left], means[right]]
            means[node] = np.average(parts, weights=[weights[left], weights[right]])
    return means


def predict(data: dict[str, Any], names: tuple[str, ...], values: Floats) -> tuple[Floats, Floats]:
    """Return uncalibrated type probabilities (n, 4) and trait probabilities (n, 3)."""
    rules = RuleSet.from_dict(data)
    verdicts = [
        classify_by_rules(Features(dict(zip(names, row.tolist(), strict=True))), rules)
        for row in values
    ]
    shares = [[verdict.probabilities[kind] for kind in LogoType] for verdict in verdicts]
    traits = [[verdict.traits[trait] for trait in Trait] for verdict in verdicts]
    return np.array(shares), np.array(traits)


def cross_validate(pictures: RulePictures, recipe: Recipe) -> tuple[Floats, Floats]:
    """Return cross-validated type probabilities (n, 4) and trait probabilities (n, 3).

    The probabilities of a picture come from trees that were fitted without it.
    """
    names, values, types, flags = pictures.names, pictures.values, pictures.types, pictures.flags
    shares, traits = np.zeros((len(types), len(LogoType))), np.zeros((len(types), len(Trait)))
    for fold in tqdm(range(CROSS_VALIDATION_FOLDS), desc="cross-validate"):
        out = pictures.folds % CROSS_VALIDATION_FOLDS == fold
        data = fit_trees(names, values[~out], types[~out], flags[~out], recipe)
        shares[out], traits[out] = predict(data, names, values[out])
    return shares, traits


def calibrate(
    shares: Floats, traits: Floats, pictures: RulePictures, recipe: Recipe
) -> dict[str, Any]:
    """Fit the calibration of the rules on cross-validated probabilities.

    All is fitted on `train`. But what settles a picture must hold for each kind of the others, too.
    """
    judged = pictures.kinds == JUDGED
    types, flags = pictures.types, pictures.flags
    temperature = fit_temperature(np.log(np.maximum(shares[judged], 1e-9)), types[judged])
    scaled = np.array([scale(row, MethodCalibration(temperature)) for row in shares])
    right = scaled.argmax(axis=1) == types
    held = MethodCalibration(
        temperature,
        settled_from=settle_all(scaled.max(axis=1), right, pictures.kinds, recipe),
        unsettled_ceiling=UNSETTLED_CEILING,
    )
    final = np.array([scale(row, held) for row in shares[judged]])
    return {
        "temperature": temperature,
        "trait_temperatures": fit_trait_temperatures(traits[judged], flags[judged]),
        "settled_from": held.settled_from,
        "set_thresholds": set_thresholds(final, types[judged]),
    }


def settle_all(
    confidences: Floats, right: NDArray[np.bool_], kinds: NDArray[np.str_], recipe: Recipe
) -> float:
    """Return the confidence from which on the rules are right often enough in `train`, at least.

    It rises until in each other kind with some settled pictures as large a share of them is right.
    """
    judged = kinds == JUDGED
    limit = settle(confidences[judged], right[judged], recipe.settled_precision)
    for kind in sorted(set(kinds.tolist()) - {JUDGED, "extra"}):
        own = kinds == kind
        candidates = np.sort(confidences[own & (confidences >= limit)])
        for candidate in candidates:
            settled = own & (confidences >= candidate)
            if right[settled].mean() >= recipe.settled_precision:
                limit = max(limit, float(candidate))
                break
        else:
            limit = 1.0 if len(candidates) else limit
    return limit


def settle(confidences: Floats, right: NDArray[np.bool_], precision: float) -> float:
    """Return the lowest confidence from which on the rules are right often enough.

    The lower 95 % bound of their accuracy (Wilson, 1927) must reach `precision`. Returns 1 if no
    group of at least 100 pictures reaches it.
    """
    order = np.argsort(-confidences, kind="stable")
    count = np.arange(1, len(order) + 1)
    share = np.cumsum(right[order]) / count
    z = 1.645
    centre = share + z**2 / (2 * count)
    spread = z * np.sqrt(share * (1 - share) / count + z**2 / (4 * count**2))
    bound = (centre - spread) / (1 + z**2 / count)
    ends = np.append(np.diff(confidences[order]) < 0, True)  # equal confidences are one group
    good = np.flatnonzero(ends & (bound >= precision) & (count >= 100))
    return float(confidences[order[good[-1]]]) if len(good) else 1.0


def gather_for(folder: Path, recipe: Recipe) -> RulePictures:
    """Return the measured pictures of a dataset that the recipe asks for."""
    plan = plan_groups(recipe.groups, recipe.side_px)
    return gather(folder, plan, recipe.drawn, recipe.small_share, recipe.seed)


def fit(folder: Path, recipe: Recipe) -> dict[str, Any]:
    """Fit trees and calibration on a dataset; return the content of `rules.json`.

    Trees are fitted on `train`, `extra`, small copies and drawings. Confidences are calibrated on
    `train` only.
    """
    pictures = gather_for(folder, recipe)
    shares, traits = cross_validate(pictures, recipe)
    calibration = calibrate(shares, traits, pictures, recipe)
    _show(shares, pictures, MethodCalibration.from_dict(calibration, UNSETTLED_CEILING))
    trees = fit_trees(pictures.names, pictures.values, pictures.types, pictures.flags, recipe)
    return {**trees, "calibration": calibration}


def _show(shares: Floats, pictures: RulePictures, fitted: MethodCalibration) -> None:
    """Print the share right, and settled rightly, of each kind of picture."""
    confident = np.array([scale(row, fitted).max() for row in shares]) > UNSETTLED_CEILING
    right = shares.argmax(axis=1) == pictures.types
    print("cross-validated:")
    for kind in sorted(set(pictures.kinds.tolist())):
        own = pictures.kinds == kind
        settled = own & confident
        print(
            f"  {kind}: {right[own].mean():.3f} right; {settled.sum()} of {own.sum()} settled, "
            f"{right[settled].sum()} of them right"
        )


def write(rules: dict[str, Any], bundle: Path) -> None:
    """Write fitted rules into a bundle with its version, one tree per line."""
    head = {**rules, "version": bundle.name}
    trees = ",\n  ".join(json.dumps(tree) for tree in head.pop("trees"))
    text = f'{json.dumps(head, indent=1)[:-2]},\n "trees": [\n  {trees}\n ]\n}}\n'
    write_part(bundle, RULES, text)


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of labels.csv and images/")
    parser.add_argument("--out", type=Path, required=True, help="models/<name>/<version>")
    arguments = parser.parse_args()
    write(fit(arguments.data, Recipe()), arguments.out)


if __name__ == "__main__":
    main()
