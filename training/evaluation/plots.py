"""Draw the plots of a model card: reliability diagrams and a confusion matrix."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from training.evaluation.scores import TYPES

_INK, _GROUND = "#1f4e79", "Blues"
mpl.rcParams["svg.hashsalt"] = "logo-type"  # the same numbers give the same file


def draw_calibration(path: Path, methods: dict[str, dict[str, Any]]) -> None:
    """Write reliability diagrams as an SVG: equal-mass bins, one panel per method."""
    figure = Figure(figsize=(3.6 * len(methods), 3.8), layout="constrained")
    panels: Sequence[Any] = figure.subplots(1, len(methods), sharey=True, squeeze=False)[0]
    for panel, (name, scores) in zip(panels, methods.items(), strict=True):
        bins = scores["reliability"]
        panel.plot([0, 1], [0, 1], color="#999999", linewidth=1)
        panel.plot(
            [part["confidence"] for part in bins],
            [part["accuracy"] for part in bins],
            color=_INK,
            marker="o",
            markersize=4,
        )
        panel.set(title=name, xlabel="mean confidence of a bin", xlim=(0.2, 1.02), ylim=(0, 1.04))
    panels[0].set_ylabel("share right")
    _save(figure, path)


def draw_confusion(path: Path, matrix: list[list[int]]) -> None:
    """Write a confusion matrix as an SVG: rows are true types, colours are shares of a row."""
    figure = Figure(figsize=(4.2, 3.8), layout="constrained")
    panel = figure.subplots()
    shares = [[count / max(1, sum(row)) for count in row] for row in matrix]
    panel.imshow(shares, cmap=_GROUND, vmin=0, vmax=1)
    for row, counts in enumerate(matrix):
        for column, count in enumerate(counts):
            colour = "white" if shares[row][column] > 0.5 else "black"
            panel.text(column, row, str(count), ha="center", va="center", color=colour)
    ticks = range(len(TYPES))
    panel.set_xticks(ticks, TYPES)
    panel.set_yticks(ticks, TYPES)
    panel.set(xlabel="routed answer", ylabel="truth")
    _save(figure, path)


def _save(figure: Figure, path: Path) -> None:
    figure.savefig(path, metadata={"Date": None})
