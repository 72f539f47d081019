"""Fit temperature scaling, routing and conformal prediction sets on held-out pictures.

    python -m training.calibrate --data data --model runs/logo-type/remade

writes `calibration.json` and `policy.json` into the bundle of the rules and the network that they
were fitted to.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax
from tqdm import tqdm

from logo_classifier.decision.calibration import Calibrator, MethodCalibration
from logo_classifier.decision.ensemble import combine
from logo_classifier.decision.routing import RoutingPolicy
from logo_classifier.network.bundle import CALIBRATION, POLICY, RULES, load_bundle
from logo_classifier.network.neural import NeuralClassifier
from logo_classifier.rules.trees import RuleSet, classify_by_rules
from logo_classifier.values import Features, LogoType, Method, Trait, Verdict
from training import rules as rule_fitting
from training.fitting import (
    Floats,
    Ints,
    fit_temperature,
    fit_trait_temperatures,
    set_thresholds,
)
from training.labels.dataset import (
    HELD_OUT_FOLD,
    TRAINING_SPLITS,
    flag_targets,
    folds_of,
    load_all,
    read_labels,
    type_targets,
)
from training.sealing import write_part


def table(verdicts: list[Verdict]) -> Floats:
    """Return the type probabilities of verdicts, shape (n, 4)."""
    return np.array([[verdict.probabilities[kind] for kind in LogoType] for verdict in verdicts])


def fit_rule_weight(rules: list[Verdict], neural: list[Verdict], types: Ints) -> float:
    """Return the weight of the rules that minimises the log loss of the ensemble."""

    def cost(weight: float) -> float:
        pooled = table([combine(r, n, weight) for r, n in zip(rules, neural, strict=True)])
        return float(-np.log(pooled[np.arange(len(types)), types]).mean())

    return float(
        minimize_scalar(cost, bounds=(0, 0.5), method="bounded", options={"xatol": 0.01}).x
    )


def fit_rules_complexity(
    features: list[Features], rules: list[Verdict], pooled: list[Verdict], types: Ints
) -> float:
    """Return the largest complexity at which the rules should answer in the conditional tier.

    It maximises the number of right answers in that tier. The lowest of equally good values wins,
    which uses the ensemble more often. Returns 0 if the rules gain nothing.
    """
    policy, order = RoutingPolicy(), list(LogoType)
    tier = [i for i, v in enumerate(rules) if policy.conditional <= v.confidence < policy.confident]
    tier.sort(key=lambda i: features[i].complexity)
    gain, best, chosen = 0, 0, 0.0
    # The router cannot separate equal complexities, so they form one group.
    for complexity, equals in groupby(tier, key=lambda i: features[i].complexity):
        for i in equals:
            truth = order[types[i]]
            gain += (rules[i].logo_type is truth) - (pooled[i].logo_type is truth)
        if gain > best:
            best, chosen = gain, complexity
    return chosen


def fit_method(verdicts: list[Verdict], types: Ints, flags: NDArray[np.float32]) -> dict[str, Any]:
    """Fit the calibration of one method on its uncalibrated verdicts."""
    shares = table(verdicts)
    logits = np.log(np.maximum(shares, 1e-9))
    temperature = fit_temperature(logits, types)
    scaled = np.exp(log_softmax(logits / temperature, axis=1))
    chances = np.array([[verdict.traits[trait] for trait in Trait] for verdict in verdicts])
    return {
        "temperature": temperature,
        "trait_temperatures": fit_trait_temperatures(chances, flags),
        "set_thresholds": set_thresholds(scaled, types),
    }


def calibrate(
    data: Path, bundle: Path, recipe: rule_fitting.Recipe
) -> tuple[dict[str, Any], dict[str, float]]:
    """Return the contents of `calibration.json` and of `policy.json` for rules and network.

    `recipe` is that of the rules: they are fitted anew, without the pictures that judge.
    Raises ModelUnavailable for a bundle that does not load, and ValueError for one without rules.
    """
    checked = load_bundle(bundle)
    if checked.rules is None:
        raise ValueError(f"{bundle} has no {RULES}: fit the rules first")
    examples = read_labels(data, *TRAINING_SPLITS)
    # A disputed picture has no right answer to compare a confidence with.
    judged = (folds_of(examples) == HELD_OUT_FOLD) & np.array(
        [example.split == "train" and not example.disputed for example in examples]
    )
    wanted = [example for example, chosen in zip(examples, judged, strict=True) if chosen]
    types, flags = type_targets(wanted), flag_targets(wanted)
    network = NeuralClassifier(checked, threads=2)
    neural = [
        network.predict([image])[0] for image in tqdm(load_all(wanted), desc="predict", unit="img")
    ]
    fitted = fit_method(neural, types, flags)
    neural = _calibrated(neural, Method.NEURAL_NETWORK, MethodCalibration.from_dict(fitted))
    ceiling = RoutingPolicy().unsettled_ceiling
    served = MethodCalibration.from_dict(checked.rules["calibration"], ceiling)
    features, rules = _judge_unseen(data, np.flatnonzero(judged), recipe)
    rules = _calibrated(rules, Method.RULE_BASED, served)
    weight = fit_rule_weight(rules, neural, types)
    pooled = [combine(r, n, weight) for r, n in zip(rules, neural, strict=True)]
    calibration = {
        "pictures": len(wanted),
        Method.NEURAL_NETWORK.value: fitted,
        Method.ENSEMBLE.value: fit_method(pooled, types, flags),
    }
    complexity = fit_rules_complexity(features, rules, pooled, types)
    policy = RoutingPolicy(rules_complexity=complexity, rule_weight=weight)
    return calibration, asdict(policy)


def _judge_unseen(
    data: Path, judged: Ints, recipe: rule_fitting.Recipe
) -> tuple[list[Features], list[Verdict]]:
    """Return features and verdicts of labelled pictures by rules fitted without their fold."""
    pictures = rule_fitting.gather_for(data, recipe)
    seen = pictures.folds != HELD_OUT_FOLD
    trees = rule_fitting.fit_trees(
        pictures.names, pictures.values[seen], pictures.types[seen], pictures.flags[seen], recipe
    )
    rules = RuleSet.from_dict(trees)
    rows = pictures.values[judged].tolist()
    features = [Features(dict(zip(pictures.names, row, strict=True))) for row in rows]
    return features, [classify_by_rules(each, rules) for each in features]


def _calibrated(
    verdicts: list[Verdict], method: Method, fitted: MethodCalibration
) -> list[Verdict]:
    calibrator = Calibrator({method: fitted})
    return [calibrator.apply(verdict) for verdict in verdicts]


def write(calibration: dict[str, Any], policy: dict[str, float], bundle: Path) -> None:
    """Write the calibration and the policy into a bundle."""
    for name, part in ((CALIBRATION, calibration), (POLICY, policy)):
        write_part(bundle, name, json.dumps(part, indent=2) + "\n")


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of labels.csv and images/")
    parser.add_argument("--model", type=Path, required=True, help="models/<name>/<version>")
    arguments = parser.parse_args()
    recipe = rule_fitting.Recipe()
    calibration, policy = calibrate(arguments.data, arguments.model, recipe)
    write(calibration, policy, arguments.model)
    print(json.dumps({**calibration, "policy": policy}, indent=2))


if __name__ == "__main__":
    main()
