"""Show what live calibration does when the stream of pictures, or of labels, changes.

    python -m benchmarks.calibration_drift

Confidences are drawn from the reliability bins and routes of the shipped version's metrics. Which
answers are right is drawn too, by a rule that each scenario names, so nothing here is a measure of
the model. Prints a table, and writes a plot to docs/measured/.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from logo_classifier.decision.calibration import expected_calibration_error
from logo_classifier.feedback.live import KNOTS, LiveCalibration, expit, logit
from logo_classifier.feedback.proposing import propose
from logo_classifier.feedback.records import Answer, Judged, LabelledAnswer
from logo_classifier.values import LogoType, Method, Tier
from logo_classifier.versions.shipped import shipped

mpl.rcParams["svg.hashsalt"] = "logo-type"  # the same numbers give the same file

LABELS = 2000
_EVERY = 500
_TESTED = 1000
_CLIENTS = 40
_SALT = "drift"
_SET_FROM = 0.1
_SPLIT = (0.7, 0.2, 0.1)
"""How the rest of the probability falls on the other three types."""

PLOT = Path(__file__).parents[1] / "docs" / "measured" / "calibration-drift.svg"


@dataclass(frozen=True, slots=True)
class Scenario:
    """`moved(share)`: how much the log-odds of being right are above what confidences say."""

    name: str
    moved: Callable[[float], float]
    liar_share: float = 0.0
    corrections_only: bool = False


SCENARIOS = (
    Scenario("stable", lambda share: 0.0),
    Scenario("drifting", lambda share: -1.5 * share),
    Scenario("sudden", lambda share: -1.5 if share > 1 / 3 else 0.0),
    Scenario("one key that lies", lambda share: 0.0, liar_share=0.6),
    Scenario("corrections only", lambda share: 0.0, corrections_only=True),
)


class Stream:
    """Answers like those of the shipped version, with true types."""

    def __init__(self, scenario: Scenario, metrics: dict[str, Any], seed: int) -> None:
        self._scenario, self._random = scenario, np.random.default_rng(seed)
        self._bins = metrics["methods"]["auto"]["reliability"]
        self._routes = [name.split(" -> ") for name in metrics["routes"]]
        counts = np.array([part["pictures"] for part in metrics["routes"].values()], float)
        self._shares = counts / counts.sum()

    def answer(self, share: float) -> tuple[Judged, LogoType]:
        """Return an answer of the version alone and the true type, at a share of the stream."""
        found = self._bins[self._random.integers(len(self._bins))]["confidence"]
        confidence = expit(logit(found) + self._random.normal(0, 0.2))
        tier, method = self._routes[self._random.choice(len(self._routes), p=self._shares)]
        kinds = list(self._random.permutation(list(LogoType)))
        parts = [confidence, *(part * (1 - confidence) for part in _SPLIT)]
        order = np.argsort(parts)[::-1]
        probabilities = {LogoType(kinds[i]): float(parts[i]) for i in order}
        top = next(iter(probabilities))
        highest = probabilities[top]
        right = self._random.random() < expit(logit(highest) + self._scenario.moved(share))
        others = [kind for kind in probabilities if kind is not top]
        truth = top if right else LogoType(self._random.choice(others, p=_SPLIT))
        in_set = tuple(k for k, v in probabilities.items() if k is top or v >= _SET_FROM)
        judged = Judged(
            "logo-type/1.6.0", "", Method(method), Tier(tier), top, highest, highest,
            probabilities, in_set,
        )  # fmt: skip
        return judged, truth

    def labelled(self, number: int, in_force: LiveCalibration | None) -> LabelledAnswer | None:
        """Return the label that a client gives to the next answer, if it gives one."""
        judged, truth = self.answer(number / LABELS)
        lies = self._random.random() < self._scenario.liar_share
        if self._scenario.corrections_only and truth is judged.logo_type:
            return None
        shown = in_force.apply(judged) if in_force else judged
        told = next(kind for kind in LogoType if kind is not shown.logo_type) if lies else truth
        client = "liar" if lies else f"client {self._random.integers(_CLIENTS)}"
        asked = not self._scenario.corrections_only
        answer = Answer(f"r{number}", f"p{number}", shown, asked, float(number))
        return LabelledAnswer(answer, told, client, number + 0.5)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a scenario ended with; `errors` are ECE before and after, coverages likewise."""

    scenario: str
    adopted: int
    errors: tuple[float, float]
    coverages: tuple[float, float]
    e_value: float
    farthest: float
    steps: list[tuple[int, float, float]]


def run(scenario: Scenario, metrics: dict[str, Any], seed: int = 1) -> Outcome:
    """Run a scenario; each adoption follows the rule of the service."""
    stream, seen = Stream(scenario, metrics, seed), list[LabelledAnswer]()
    in_force: LiveCalibration | None = None
    since, adopted, highest, steps = 0.0, 0, 0.0, list[tuple[int, float, float]]()
    for number in range(1, LABELS + 1):
        label = stream.labelled(number, in_force)
        if label:
            seen.append(label)
        if number % _EVERY:
            continue
        made = propose(
            seen, "logo-type/1.6.0", in_force, in_force_since=since, salt=_SALT, now=float(number)
        )
        highest = max(highest, made.calibration.evidence.e_value)
        if not made.refusals:
            in_force, since, adopted = made.calibration, float(number), adopted + 1
        errors, _ = test(scenario, metrics, in_force, number / LABELS)
        steps.append((number, *errors))
    errors, coverages = test(scenario, metrics, in_force, 1.0)
    curves = in_force.curves.values() if in_force else ()
    farthest = max(
        (abs(expit(k + s) - expit(k)) for c in curves for k, s in zip(KNOTS, c, strict=True)),
        default=0.0,
    )
    return Outcome(scenario.name, adopted, errors, coverages, highest, farthest, steps)


def test(
    scenario: Scenario, metrics: dict[str, Any], in_force: LiveCalibration | None, share: float
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return ECE and coverage, before and after, over fresh answers with their true types."""
    stream = Stream(scenario, metrics, seed=99)
    own = [stream.answer(share) for _ in range(_TESTED)]
    live = [in_force.apply(judged) if in_force else judged for judged, _ in own]
    right = np.array([judged.logo_type is truth for judged, truth in own])
    (before, after), covered = (
        [
            expected_calibration_error(np.array([each.confidence for each in shown]), right)
            for shown in ([judged for judged, _ in own], live)
        ],
        [
            float(np.mean([truth in each.prediction_set for each, truth in pairs]))
            for pairs in (own, [(each, truth) for each, (_, truth) in zip(live, own, strict=True)])
        ],
    )
    return (before, after), (covered[0], covered[1])


def draw(outcomes: list[Outcome]) -> None:
    """Write the plot: ECE along the stream, one panel a scenario."""
    figure = Figure(figsize=(2.6 * len(outcomes), 3.2), layout="constrained")
    panels: Any = figure.subplots(1, len(outcomes), sharey=True)
    for panel, outcome in zip(panels, outcomes, strict=True):
        at = [number for number, _, _ in outcome.steps]
        panel.plot(at, [own for _, own, _ in outcome.steps], color="#999999", label="own")
        panel.plot(at, [live for _, _, live in outcome.steps], color="#1f4e79", label="live")
        panel.set(title=outcome.scenario, xlabel="answers labelled", ylim=(0, 0.25))
        panel.grid(alpha=0.3)
    panels[0].set_ylabel("ECE on fresh answers")
    panels[0].legend()
    figure.savefig(PLOT, metadata={"Date": None})


def main() -> None:
    """Run all scenarios; print the table and write the plot."""
    metrics = json.loads((shipped() / "metrics.json").read_text("utf-8"))
    outcomes = [run(scenario, metrics) for scenario in SCENARIOS]
    print("| scenario | adopted | ECE own | ECE live | coverage own | coverage live |"
          " highest e-value | confidences moved by at most |")  # fmt: skip
    print("|---|---|---|---|---|---|---|---|")
    for each in outcomes:
        cells = (each.adopted, *(f"{value:.3f}" for value in (*each.errors, *each.coverages)))
        print(f"| {each.scenario} | {' | '.join(map(str, cells))} "
              f"| {each.e_value:.3g} | {each.farthest:.3f} |")  # fmt: skip
    draw(outcomes)


if __name__ == "__main__":
    main()
