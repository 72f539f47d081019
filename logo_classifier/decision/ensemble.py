"""The ensemble: a log-linear pool (logarithmic opinion pool) of rules and network."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from logo_classifier.values import LogoType, Method, Verdict


def combine(rule: Verdict, neural: Verdict, rule_weight: float) -> Verdict:
    """Return the log-linear pool of two calibrated verdicts; the result is uncalibrated.

    `rule_weight`, in 0-1, is the weight of the rules (Genest and Zidek, 1986). Traits are averaged
    with the same weight.
    """
    pooled = _pool(rule.probabilities, neural.probabilities, rule_weight)
    winner = max(LogoType, key=lambda kind: pooled[kind])
    return Verdict(
        logo_type=winner,
        confidence=pooled[winner],
        probabilities=pooled,
        traits={
            trait: rule_weight * rule.traits[trait] + (1 - rule_weight) * value
            for trait, value in neural.traits.items()
        },
        method=Method.ENSEMBLE,
        reasoning=(
            f"rules say {rule.logo_type.value} ({rule.confidence:.2f}), "
            f"the network says {neural.logo_type.value} ({neural.confidence:.2f}); "
            f"{rule.reasoning}"
        ),
        raw_confidence=pooled[winner],
        calibrated=False,
    )


def _pool(
    rule: Mapping[LogoType, float], neural: Mapping[LogoType, float], rule_weight: float
) -> dict[LogoType, float]:
    logs = np.array(
        [
            rule_weight * np.log(max(rule[kind], 1e-9))
            + (1 - rule_weight) * np.log(max(neural[kind], 1e-9))
            for kind in LogoType
        ]
    )
    shares = np.exp(logs - logs.max())
    shares /= shares.sum()
    return {kind: float(share) for kind, share in zip(LogoType, shares, strict=True)}
