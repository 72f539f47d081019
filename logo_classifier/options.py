"""Check the options of a classification before any work starts."""

from __future__ import annotations

import time
from dataclasses import dataclass

from logo_classifier.errors import BadParameter, TimedOut
from logo_classifier.values import AUTO, Method

LONGEST_BUDGET_SECONDS = 60.0
METHODS = (AUTO, *(method.value for method in Method))


@dataclass(frozen=True, slots=True)
class Options:
    """Checked options; `requested` is None for auto, `time_budget` is in seconds.

    `deadline` is on the clock of `time.monotonic`. A time budget makes the answer cheaper; past
    the deadline there is none. `include_features` asks for features even where the method needs
    none. `include_explanation` asks why; such an answer is neither looked up nor kept.
    `include_tracing` asks for advice on tracing, which needs features too.
    """

    requested: Method | None = None
    time_budget: float | None = None
    deadline: float | None = None
    include_features: bool = False
    include_explanation: bool = False
    include_tracing: bool = False

    @property
    def needs_rules(self) -> bool:
        """Return whether features or rules are needed for the method or the reply."""
        told = self.include_features or self.include_explanation or self.include_tracing
        return told or self.requested is not Method.NEURAL_NETWORK

    @property
    def variant(self) -> str:
        """Return what distinguishes these answers from others about the same picture."""
        asked_for = self.requested or AUTO
        return asked_for if self.needs_rules else f"{asked_for}-alone"

    @property
    def seconds_left(self) -> float | None:
        """Return the seconds until the deadline, negative after it; None without one."""
        return None if self.deadline is None else self.deadline - time.monotonic()

    def check_deadline(self) -> None:
        """Raise TimedOut after the deadline. It is called before each costly step of a picture."""
        left = self.seconds_left
        if left is not None and left <= 0:
            raise TimedOut("the picture was not classified before the deadline")


def parse_options(
    method: str = AUTO,
    time_budget: float | None = None,
    deadline: float | None = None,
    include_features: bool = False,
    include_explanation: bool = False,
    include_tracing: bool = False,
) -> Options:
    """Return checked options; raise BadParameter with the value and the allowed values."""
    if method not in METHODS:
        raise BadParameter(f"method is one of {', '.join(METHODS)}, not {repr(method)[:80]}")
    if deadline is not None and not _is_number(deadline):
        raise BadParameter(f"deadline is a time of time.monotonic(), not {deadline!r}")
    if time_budget is not None:
        if not _is_number(time_budget):
            raise BadParameter(f"time_budget is a number of seconds, not {time_budget!r}")
        if not 0 < time_budget <= LONGEST_BUDGET_SECONDS:
            raise BadParameter(
                f"time_budget is above 0 and at most {LONGEST_BUDGET_SECONDS:g} seconds, "
                f"not {time_budget!r}"
            )
    requested = None if method == AUTO else Method(method)
    told = bool(include_features), bool(include_explanation), bool(include_tracing)
    return Options(requested, time_budget, deadline, *told)


def _is_number(value: object) -> bool:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return number and value == value  # noqa: PLR0124 - NaN; isnan fails on huge ints
