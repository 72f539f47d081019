"""Name every knob of a training run. Teachers learn from labels, the student also from teachers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Recipe:
    """Name the knobs; the defaults are those of a teacher, but for the folds that it leaves out."""

    stages: tuple[tuple[int, int], ...] = ((160, 7), (192, 3))
    """(side in pixels, epochs), in order; the last side is that of the service."""
    unseen_folds: tuple[int, ...] = ()
    """Folds that are not learnt from, besides the one that is held out of everything."""
    drawn_share: float = 0.2
    """Pictures drawn in fonts in an epoch for each labelled one."""
    faded_share: float = 0.12
    """Flat pictures with a painted fade in an epoch for each labelled one."""
    batch_size: int = 64
    peak_learning_rate: float = 1.13e-3
    warmup_share: float = 0.05
    weight_decay: float = 0.02
    label_smoothing: float = 0.05
    teacher_weight: float = 0.5
    """Share of labelled pictures' targets that comes from teachers, where there are any."""
    flag_weight: float = 1.0
    average_decay: float = 0.99
    statistics_batches: int = 20
    """Batches from which the averaged network's batch-norm statistics are measured anew."""
    seed: int = 1

    @property
    def side_px(self) -> int:
        """Return the side of the finished network's input."""
        return self.stages[-1][0]

    def side_of_epoch(self) -> list[int]:
        """Return the side of each epoch's pictures."""
        return [side for side, epochs in self.stages for _ in range(epochs)]


TEACHERS = (Recipe(unseen_folds=(1, 2, 3, 4)), Recipe(unseen_folds=(5, 6, 7, 8, 9), seed=2))
"""Each learns from about half of the pictures and is asked of the other half.

Of what it has learnt from it would only repeat the labels, with their errors.
"""

STUDENT = Recipe(stages=((192, 10),), peak_learning_rate=8e-4)
"""At a lower rate and at one side: it goes on from the weights of a teacher."""
