"""Simulate the autoscalers of deploy/kubernetes on a day of traffic with spikes.

    python -m benchmarks.autoscaler

No cluster is needed: `benchmarks/hpa.py` has Kubernetes' algorithm, and the manifests give its
numbers. The pods are simulated: each serves at a measured rate and refuses above its bound on
pending pictures. Prints a table of refusals, waiting and pod hours for each signal, and writes a
plot to docs/measured/. The same seed gives the same day and the same file.
"""

from __future__ import annotations

import argparse
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import yaml
from matplotlib.figure import Figure

from benchmarks.hpa import SYNC_SECONDS, Autoscaler, desired_by_average, desired_by_total
from benchmarks.simulated_pods import STEP_SECONDS, Cluster, Floats, Pod, Seen

mpl.rcParams["svg.hashsalt"] = "logo-type"  # the same numbers give the same file

ROOT = Path(__file__).parents[1]
MANIFESTS = ROOT / "deploy" / "kubernetes"
PLOT = ROOT / "docs" / "measured" / "autoscaler.svg"

HOURS = 24
_DRAWN_SECONDS = 300
METRIC_DELAY_SECONDS = 30
"""Age of what the autoscaler sees: a scrape each 15 s, and a metrics server as slow again."""

_EARLIER_PERCENT = 80
"""A target of the CPU below that of the manifests, to show what room for spikes costs."""

EARLY_SECONDS = 75
"""From the start of a spike, in which no metric and no new pod can help yet, or hardly."""

_SPIKES = ((2.5, 4, 3), (9.25, 2.2, 10), (11, 3, 4), (13.5, 2, 20), (16, 4, 2), (20, 3, 5))
"""Hour, times the rate of that hour, minutes. Each sets in within 20 s."""


def day(base_rate: float, hours: float = HOURS) -> Floats:
    """Return pictures a second at each step: a quiet night, a morning ramp, and spikes.

    `base_rate` is that of the night; at noon four times as many come.
    """
    at = np.arange(round(hours * 3600 / STEP_SECONDS)) * STEP_SECONDS / 3600
    morning = 1 / (1 + np.exp(-(at - 8) * 2.5))
    evening = 1 / (1 + np.exp((at - 21) * 1.5))
    rates = base_rate * (1 + 3 * morning * evening)
    for hour, times, minutes in _SPIKES:
        rises = np.clip((at - hour) * 3600 / 20, 0, 1)
        falls = np.clip((hour + minutes / 60 - at) * 3600 / 60 + 1, 0, 1)
        rates = rates * (1 + (times - 1) * rises * falls)
    return np.asarray(rates)


Signal = Callable[[Seen, int], list[int]]
"""From what is seen, and the replicas, to the proposals."""


def by_pending(target: float) -> Signal:
    """Return the signal of pending pictures, as a Pods metric with an average value."""
    return lambda seen, now: [_by_average(now, seen.pending, target)]


def by_processors(target: float) -> Signal:
    """Return the signal of CPU utilisation."""
    return lambda seen, now: [_by_average(now, seen.processors, target)]


def _by_average(now: int, values: list[float], target: float) -> int:
    # A pod that was not there yet when the metric was taken is as one that is not ready.
    values = values[:now]
    return desired_by_average(now, values, target, unready=now - len(values))


def by_query(target: float) -> Signal:
    """Return the signal of KEDA's query: pending pictures, and refusals a second."""
    return lambda seen, now: [
        desired_by_total(now, sum(seen.pending) + seen.refused_a_second, target)
    ]


def either(*signals: Signal) -> Signal:
    """Return the proposals of several signals; the autoscaler takes the largest."""
    return lambda seen, now: [proposal for signal in signals for proposal in signal(seen, now)]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a day ended with; the wait is that before a picture is worked on."""

    name: str
    refused_share: float
    p99_seconds: float
    pod_hours: float
    changes: int
    replicas: list[int]
    refused: list[float]
    """Pictures refused in each sync period, as `replicas` are."""

    def early_share(self) -> float:
        """Return the share of refusals within EARLY_SECONDS of the start of a spike."""
        early = sum(
            count
            for number, count in enumerate(self.refused)
            if any(0 <= number * SYNC_SECONDS - h * 3600 < EARLY_SECONDS for h, _, _ in _SPIKES)
        )
        return early / sum(self.refused) if any(self.refused) else 0.0


def run(
    name: str, signal: Signal, scaler: Autoscaler, pod: Pod, rates: Floats, seed: int
) -> Outcome:
    """Run a day; the autoscaler sees metrics that are METRIC_DELAY_SECONDS old."""
    cluster = Cluster(pod, np.random.default_rng(seed), scaler.least)
    steps = round(SYNC_SECONDS / STEP_SECONDS)
    seen, history = deque[Seen](maxlen=1 + METRIC_DELAY_SECONDS // SYNC_SECONDS), list[int]()
    refused = [0.0]
    for number in range(len(rates) // steps):
        history.append(cluster.replicas)
        began = float(number * SYNC_SECONDS)
        seen.append(cluster.serve(began, rates[number * steps : (number + 1) * steps]))
        refused.append(cluster.refused)
        now = began + SYNC_SECONDS
        proposals = signal(seen[0], cluster.replicas)
        cluster.scale(now, scaler.decide(now, cluster.replicas, proposals))
    counts = np.cumsum(cluster.waits)
    p99 = int(np.searchsorted(counts, 0.99 * counts[-1]))
    return Outcome(
        name,
        cluster.refused / (cluster.refused + counts[-1]),
        p99 / pod.pictures_a_second,
        sum(history) * SYNC_SECONDS / 3600,
        int(np.count_nonzero(np.diff(history))),
        history,
        np.diff(refused).tolist(),
    )


def _read(path: str) -> dict[str, Any]:
    return dict(yaml.safe_load((MANIFESTS / path).read_text("utf-8"))["spec"])


def contenders() -> dict[str, tuple[Signal, Callable[[], Autoscaler]]]:
    """Return the autoscalers by name, with the numbers of the manifests."""
    base, keda = _read("base/autoscaler.yaml"), _read("overlays/keda/scaled-object.yaml")
    pods, resource = (metric["pods" if "pods" in metric else "resource"]["target"]
                      for metric in base["metrics"])  # fmt: skip
    pending = by_pending(float(pods["averageValue"]))
    processors = by_processors(resource["averageUtilization"])
    query, utilisation = (trigger["metadata"] for trigger in keda["triggers"])
    least, most = base["minReplicas"], base["maxReplicas"]
    advanced = keda["advanced"]["horizontalPodAutoscalerConfig"]["behavior"]

    def hpa() -> Autoscaler:
        return Autoscaler.of(least, most, base["behavior"])

    def of_keda() -> Autoscaler:
        return Autoscaler.of(keda["minReplicaCount"], keda["maxReplicaCount"], advanced)

    either_of_keda = either(
        by_query(float(query["threshold"])), by_processors(float(utilisation["value"]))
    )
    return {
        "pending pictures": (pending, hpa),
        "CPU": (processors, hpa),
        "both (base)": (either(pending, processors), hpa),
        "KEDA's overlay": (either_of_keda, of_keda),
        f"both, CPU target {_EARLIER_PERCENT} %": (
            either(pending, by_processors(_EARLIER_PERCENT)),
            hpa,
        ),
        "none: always the most": (
            lambda seen, now: [most],
            lambda: Autoscaler.of(most, most, {}),
        ),
    }


def draw(outcomes: Sequence[Outcome], rates: Floats, pod: Pod) -> None:
    """Write the plot: what the traffic needs and the replicas, one panel a signal."""
    figure = Figure(figsize=(9, 1.7 * len(outcomes)), layout="constrained")
    panels: Any = figure.subplots(len(outcomes), 1, sharex=True, sharey=True)
    every = round(_DRAWN_SECONDS / STEP_SECONDS)
    needed = rates[: len(rates) // every * every].reshape(-1, every).max(1) / pod.pictures_a_second
    hours = np.arange(len(needed)) * _DRAWN_SECONDS / 3600
    for panel, outcome in zip(panels, outcomes, strict=True):
        panel.fill_between(hours, needed, color="#cccccc", label="pods at full load")
        changed = [0, *(np.flatnonzero(np.diff(outcome.replicas)) + 1), len(outcome.replicas) - 1]
        panel.step(
            np.array(changed) * SYNC_SECONDS / 3600,
            [outcome.replicas[at] for at in changed],
            color="#1f4e79",
            where="post",
            label="replicas",
        )
        panel.set(title=outcome.name, ylim=(0, 11), xlim=(0, HOURS))
        panel.grid(alpha=0.3)
    panels[0].legend(loc="upper left")
    panels[-1].set_xlabel("hour")
    figure.savefig(PLOT, metadata={"Date": None})


def main() -> None:
    """Simulate all signals on the same day; print the table and write the plot."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--pod-rate", type=float, default=293.0, help="pictures/s of one pod")
    parser.add_argument("--base-rate", type=float, default=150.0, help="pictures/s at night")
    parser.add_argument("--start-seconds", type=float, default=20.0, help="until a pod is ready")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-plot", action="store_true")
    chosen = parser.parse_args()
    rates, pod = day(chosen.base_rate), Pod(chosen.pod_rate, chosen.start_seconds)
    outcomes = [
        run(name, signal, make(), pod, rates, chosen.seed)
        for name, (signal, make) in contenders().items()
    ]
    print("| signal | refused | of these early | waiting p99, ms | pod hours | changes |")
    print("|---|---|---|---|---|---|")
    for each in outcomes:
        refusals = f"{each.refused_share:.2%} | {each.early_share():.0%}"
        print(f"| {each.name} | {refusals} | {1000 * each.p99_seconds:.0f} "
              f"| {each.pod_hours:.0f} | {each.changes} |")  # fmt: skip
    if not chosen.no_plot:
        draw(outcomes[:-1], rates, pod)


if __name__ == "__main__":
    main()
