"""The hyperparameters of a training run, one recipe for each architecture."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Recipe:
    """The hyperparameters; the defaults are those of the newest EfficientNet-Lite0."""

    architecture: str = "efficientnet-lite0"
    stages: tuple[tuple[int, int], ...] = ((192, 2),)
    """Pairs of side in pixels and epochs, in order; the last side is that of the service."""
    start: str = "1.5.0"
    """Published version of logo-type whose weights training starts from."""
    start_share: float = 0.5
    """Share of those weights in the final ones (Wortsman et al., 2022, arXiv 2109.01903)."""
    taught_share: float = 0.0
    """Share of its answers in the targets of logo-vit (Hinton et al., 2015, arXiv 1503.02531)."""
    drawn_share: float = 0.3
    """Number of pictures drawn in fonts per labelled picture in an epoch."""
    faded_share: float = 0.15
    """Number of flat pictures with a painted fade per labelled picture in an epoch."""
    batch_size: int = 64
    peak_learning_rate: float = 3e-4
    warmup_share: float = 0.05
    weight_decay: float = 0.02
    label_smoothing: float = 0.05
    flag_weight: float = 1.0
    average_decay: float = 0.99
    statistics_batches: int = 20
    """Batches for batch-norm statistics, of the weights to start from and of their average."""
    seed: int = 2

    @property
    def side_px(self) -> int:
        """Return the side of the final network's input in pixels."""
        return self.stages[-1][0]

    def side_of_epoch(self) -> list[int]:
        """Return the side in pixels for each epoch."""
        return [side for side, epochs in self.stages for _ in range(epochs)]


RECIPES = {
    recipe.architecture: recipe
    for recipe in (
        Recipe(),
        Recipe(
            architecture="logo-vit",
            stages=((128, 3), (192, 1)),
            start="1.6.0",
            start_share=0.0,
            taught_share=0.5,
            peak_learning_rate=1e-3,
            weight_decay=0.05,
            average_decay=0.998,
            seed=1,
        ),
    )
}
"""The recipe of the newest network of each architecture, by its name."""
