"""Name every knob of a training run."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Recipe:
    """Name the knobs; the defaults are those of the network that serves."""

    stages: tuple[tuple[int, int], ...] = ((160, 7), (192, 7))
    """(side in pixels, epochs), in order; the last side is that of the service."""
    drawn_share: float = 0.2
    """Pictures drawn in fonts in an epoch for each labelled one."""
    faded_share: float = 0.12
    """Flat pictures with a painted fade in an epoch for each labelled one."""
    batch_size: int = 64
    peak_learning_rate: float = 1.13e-3
    warmup_share: float = 0.05
    weight_decay: float = 0.02
    label_smoothing: float = 0.05
    flag_weight: float = 1.0
    average_decay: float = 0.99
    statistics_batches: int = 20
    """Batches from which the averaged network's batch-norm statistics are measured anew."""
    seed: int = 2

    @property
    def side_px(self) -> int:
        """Return the side of the finished network's input."""
        return self.stages[-1][0]

    def side_of_epoch(self) -> list[int]:
        """Return the side of each epoch's pictures."""
        return [side for side, epochs in self.stages for _ in range(epochs)]
