"""Put together the explanation of one answer."""

from __future__ import annotations

from typing import Any

import numpy as np

from logo_classifier.explanations.maps import describe_maps, describe_no_maps
from logo_classifier.explanations.meanings import MEANINGS
from logo_classifier.explanations.overlay import count_parts, draw_overlay
from logo_classifier.explanations.wording import summarise
from logo_classifier.network.neural import NeuralClassifier
from logo_classifier.network.runtime import Evidence
from logo_classifier.pictures.image import LoadedImage
from logo_classifier.rules.contributions import contributions_of
from logo_classifier.rules.measuring import Measured
from logo_classifier.rules.trees import RuleSet
from logo_classifier.values import Judgement, Method, Route, Tier, Verdict

_MOST_CONTRIBUTIONS = 8
_DECIMALS = 6


def explain(
    image: LoadedImage, judgement: Judgement, answer: Verdict, route: Route, rules: RuleSet
) -> dict[str, Any]:
    """Return why the rules judge as they do, and a drawing of what they counted.

    The members are `summary`, `features` and `overlay`, JSON-ready.
    """
    measured = Measured(image, rules.side_px)
    counted = count_parts(measured)
    return {
        "summary": summarise(answer, judgement.verdict, route, counted),
        "features": weigh_features(judgement, rules),
        "overlay": draw_overlay(measured, counted),
    }


def weigh_features(judgement: Judgement, rules: RuleSet) -> dict[str, Any]:
    """Return what each feature adds to the score of the rules' type less that of the second one.

    `base`, the contributions and `others` sum to `score`. `share` is a contribution's part of all
    contributions, whatever their sign.
    """
    shares = judgement.verdict.probabilities
    kind, rival, *_ = sorted(shares, key=lambda each: -shares[each])
    found = contributions_of(judgement.features, rules, kind, rival)
    amounts, whole = found.amounts, max(float(np.abs(found.amounts).sum()), 1e-9)
    first = np.argsort(-np.abs(amounts), kind="stable")[:_MOST_CONTRIBUTIONS]
    chosen = [index for index in first.tolist() if amounts[index]]
    return {
        "logo_type": kind.value,
        "runner_up": rival.value,
        "score": round(found.score, _DECIMALS),
        "base": round(found.base, _DECIMALS),
        "contributions": [
            {
                "name": (name := rules.names[index]),
                "meaning": MEANINGS[name],
                "value": (value := judgement.features.values[name]),
                "limit": (limit := float(found.limits[index])),
                "side": "above" if value > limit else "not above",
                "contribution": round(float(amounts[index]), _DECIMALS),
                "share": round(abs(float(amounts[index])) / whole, _DECIMALS),
            }
            for index in chosen
        ],
        "others": round(float(amounts.sum() - amounts[chosen].sum()), _DECIMALS),
    }


def explain_network(
    image: LoadedImage, evidence: Evidence | None, network: NeuralClassifier | None, route: Route
) -> dict[str, Any]:
    """Return the maps of the network, or the reason for which there are none."""
    if route.tier is Tier.DEGRADED:
        return describe_no_maps("the network gave no answer")
    if route.method is Method.RULE_BASED or network is None:
        return describe_no_maps("the rules settled this picture; the network was not asked")
    if evidence is None:
        return describe_no_maps("the last layers of this network give no exact map")
    return describe_maps(image, evidence, network.bundle)
