"""Evidence by betting: e-values that hold at any time, and without any one client.

Each label is a bet at fair or worse odds if nothing is to be gained; wealth above 40 then has a
probability of at most 1 in 40, however often one looks (Ville's inequality). Curves and sets bet
each for themselves, so 1 in 20 for both together. Mixtures of fixed bets: Waudby-Smith and Ramdas,
"Estimating means of bounded random variables by betting", 2024.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

ENOUGH = 40.0
"""The e-value above which a proposal may be adopted."""

_MOST_LOG = 300.0


def e_value(gains: Sequence[float], clients: Sequence[str], bets: Sequence[float]) -> float:
    """Return the smallest wealth after all bets that remains without the bets of one client.

    `gains` are at least -1 / max(bets), and not above 0 on average if nothing is to be gained.
    Bets on a fixed share of the wealth multiply, so leaving out a client divides by what its
    labels have won. Returns 1 without gains.
    """
    if not gains:
        return 1.0
    names, owner = np.unique(np.array(clients), return_inverse=True)
    won = np.log1p(np.outer(bets, gains))
    by_client = np.zeros((len(bets), len(names)))
    for row, logs in zip(by_client, won, strict=True):
        np.add.at(row, owner, logs)
    without: NDArray[np.float64] = won.sum(axis=1, keepdims=True) - by_client
    return float(np.exp(np.minimum(without, _MOST_LOG)).mean(axis=0).min())
