"""Check the options of a classification before any work starts."""

from __future__ import annotations

from dataclasses import dataclass

from logo_classifier.errors import BadParameter
from logo_classifier.values import AUTO, Method

LONGEST_BUDGET_SECONDS = 60.0
METHODS = (AUTO, *(method.value for method in Method))


@dataclass(frozen=True, slots=True)
class Options:
    """Checked options; `requested` is None for auto, `time_budget` is in seconds."""

    requested: Method | None = None
    time_budget: float | None = None


def parse_options(method: str = AUTO, time_budget: float | None = None) -> Options:
    """Return checked options; raise BadParameter with the value and the allowed values."""
    if method not in METHODS:
        raise BadParameter(f"method is one of {', '.join(METHODS)}, not {repr(method)[:80]}")
    if time_budget is not None:
        number = isinstance(time_budget, (int, float)) and not isinstance(time_budget, bool)
        if not number or time_budget != time_budget:  # noqa: PLR0124 - NaN; isnan fails on huge ints
            raise BadParameter(f"time_budget is a number of seconds, not {time_budget!r}")
        if not 0 < time_budget <= LONGEST_BUDGET_SECONDS:
            raise BadParameter(
                f"time_budget is above 0 and at most {LONGEST_BUDGET_SECONDS:g} seconds, "
                f"not {time_budget!r}"
            )
    return Options(None if method == AUTO else Method(method), time_budget)
