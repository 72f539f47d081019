"""Compare two versions on the same pictures: exact McNemar test and what it could have told.

McNemar, "Note on the sampling error of the difference between correlated proportions" (1947): under
the null hypothesis each discordant picture, which one version alone gets right, is a fair coin.
"""

from __future__ import annotations

from dataclasses import dataclass

ALPHA = 0.05


@dataclass(frozen=True, slots=True)
class Pair:
    """The discordant pictures of two versions, out of `pictures`.

    `p` is two-sided. `low` and `high` bound the difference in accuracy, second less first, with
    95 %: the exact interval of the second's share of the discordant pictures (Clopper and Pearson),
    given their number.
    """

    pictures: int
    first_alone: int
    second_alone: int
    p: float
    low: float
    high: float

    @property
    def discordant(self) -> int:
        """Return the number of pictures that one version alone gets right."""
        return self.first_alone + self.second_alone

    def verdict(self, first: str, second: str) -> str:
        """Return in words whether these pictures can tell which version is better."""
        counted = f"{self.discordant} of {self.pictures} pictures are discordant"
        if self.p < ALPHA:
            better = second if self.second_alone > self.first_alone else first
            return f"{better} is better on such pictures: {counted}, p = {self.p:.3g}."
        split = needed_split(self.discordant)
        if split is None:
            least = least_discordant(1.0)
            return (
                f"These pictures cannot tell: {counted}; fewer than {least} cannot give "
                f"p < {ALPHA}, however they fall."
            )
        told = f"These pictures do not tell: {counted}, and {split} : {self.discordant - split}"
        told += f" would be needed for p < {ALPHA}."
        share = max(self.first_alone, self.second_alone) / self.discordant
        if share > 0.5:
            told += f" At this ratio it takes {least_discordant(share)} discordant pictures."
        return told


def compare_pair(pictures: int, first_alone: int, second_alone: int) -> Pair:
    """Return the exact test of so many discordant pictures; needs SciPy."""
    from scipy.stats import binomtest  # noqa: PLC0415 - an extra

    total = first_alone + second_alone
    if not total:
        return Pair(pictures, 0, 0, 1.0, 0.0, 0.0)
    test = binomtest(second_alone, total)
    bounds = test.proportion_ci(confidence_level=1 - ALPHA, method="exact")
    low, high = ((2 * share - 1) * total / pictures for share in (bounds.low, bounds.high))
    return Pair(pictures, first_alone, second_alone, float(test.pvalue), float(low), float(high))


def needed_split(discordant: int) -> int | None:
    """Return how many of so many discordant pictures one version must win; None if all are few."""
    from scipy.stats import binomtest  # noqa: PLC0415 - an extra

    if not discordant:
        return None
    chances = ((won, binomtest(won, discordant).pvalue) for won in range(discordant + 1))
    telling = (won for won, p in chances if 2 * won > discordant and p < ALPHA)
    return next(telling, None)


def least_discordant(share: float) -> int:
    """Return the least number of discordant pictures that tell, if one version wins this share."""
    from scipy.stats import binomtest  # noqa: PLC0415 - an extra

    total = 1
    while binomtest(round(share * total), total).pvalue >= ALPHA:
        total += 1 if total < 1000 else total // 10
    return total
