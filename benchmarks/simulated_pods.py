"""Pods that wait, serve and refuse, as numbers: no cluster and no service is needed.

A pod is one queue. Pictures come by chance (Poisson), and as many leave it in a step as a Poisson
number around its rate. That is about an M/M/1 queue with a bound on who waits.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

STEP_SECONDS = 0.1

MOST_PENDING = 128
"""LOGO_MAX_PENDING (64) of two workers."""

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Seen:
    """What the metrics told at one moment; lists are by ready pod."""

    pending: list[float]
    processors: list[float]
    """Processors in use, in percent of the pod's request of one."""
    refused_a_second: float


@dataclass(frozen=True, slots=True)
class Pod:
    """What is assumed of a pod and its start."""

    pictures_a_second: float
    start_seconds: float
    processors: float = 2.0


def wait_in_line(start: Floats, come: Ints, done: Ints) -> tuple[Floats, Floats, Floats]:
    """Return, by step and pod, how many are pending and how many are taken in; and the last queues.

    `come` and `done` are by step and pod. More than MOST_PENDING are refused.
    """
    # Without a bound above, this is Lindley's recursion, which needs no loop.
    drift = start + np.cumsum(come - done, axis=0)
    after = drift - np.minimum(np.minimum.accumulate(drift), 0)
    befores = np.vstack([start, after[:-1]])
    if (befores + come <= MOST_PENDING + done).all():
        return befores, come.astype(float), after[-1]
    taken, queues = np.empty_like(befores), start
    for step in range(len(come)):
        befores[step] = queues
        # What leaves within the step makes room for what comes in it.
        left = np.minimum(queues + come[step], MOST_PENDING + done[step])
        taken[step] = left - queues
        queues = np.maximum(left - done[step], 0)
    return befores, taken, queues


@dataclass
class Cluster:
    """Pods that wait, serve and refuse; the first ones are ready, the last ones start."""

    pod: Pod
    random: np.random.Generator
    replicas: int
    starting: list[float] = field(default_factory=list)
    """When the pods that start are ready."""
    queues: Floats = field(init=False)
    waits: Floats = field(default_factory=lambda: np.zeros(MOST_PENDING + 1))
    """Pictures taken in, by how many were pending before them."""
    refused: float = 0.0

    def __post_init__(self) -> None:
        self.queues = np.zeros(self.replicas)

    def scale(self, now_seconds: float, replicas: int) -> None:
        """Start pods, or end the last ones, which finish what they have outside of the model."""
        more = replicas - self.replicas
        self.starting += [now_seconds + self.pod.start_seconds] * max(0, more)
        for _ in range(max(0, -more)):
            if self.starting:
                self.starting.pop()
            else:
                self.queues = self.queues[:-1]
        self.replicas = replicas

    def serve(self, now_seconds: float, rates: Floats) -> Seen:
        """Serve the steps of one sync period; each picture goes to a ready pod by chance.

        Pods become ready between sync periods only.
        """
        ready = sum(at <= now_seconds for at in self.starting)
        self.starting = [at for at in self.starting if at > now_seconds]
        self.queues = np.concatenate([self.queues, np.zeros(ready)])
        pods, steps = len(self.queues), len(rates)
        come = self.random.poisson(rates[:, None] * STEP_SECONDS / pods, (steps, pods))
        capacity = self.pod.pictures_a_second * STEP_SECONDS
        done = self.random.poisson(capacity, (steps, pods))
        befores, taken, queues = wait_in_line(self.queues, come, done)
        served = taken.sum(axis=0) + self.queues - queues
        self.queues = queues
        refused = float(come.sum() - taken.sum())
        self.refused += refused
        self.waits += np.bincount(
            befores.astype(int).ravel(), weights=taken.ravel(), minlength=MOST_PENDING + 1
        )
        percent = served / (steps * capacity) * self.pod.processors * 100
        busy = np.minimum(percent, self.pod.processors * 100)
        return Seen(queues.tolist(), busy.tolist(), refused / (steps * STEP_SECONDS))
