"""Draw the plots of a report."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.ticker import ScalarFormatter

from benchmarks.report import Plot

mpl.rcParams["svg.hashsalt"] = "logo-type"  # the same numbers give the same file


def draw(plot: Plot, folder: Path) -> Path:
    """Write a plot as SVG with marked knees; return its path."""
    figure = Figure(figsize=(6.4, 4.0), layout="constrained")
    panel = figure.subplots()
    for name, points in plot.series.items():
        xs, ys = [x for x, _ in points], [y for _, y in points]
        (line,) = panel.plot(xs, ys, marker="o", label=name)
        bend = plot.knees.get(name)
        if bend is not None:
            panel.axvline(bend, color=line.get_color(), linestyle=":", label=f"knee at {bend:g}")
    panel.set(title=plot.title, xlabel=plot.x_label, ylabel=plot.y_label, xscale="log")
    panel.set_xticks(sorted({x for points in plot.series.values() for x, _ in points}))
    panel.xaxis.set_major_formatter(ScalarFormatter())
    panel.minorticks_off()
    if plot.log_y:
        panel.set_yscale("log")
        panel.yaxis.set_major_formatter(ScalarFormatter())
    else:
        panel.set_ylim(bottom=0)
    panel.grid(alpha=0.3)
    panel.legend()
    path = folder / f"{plot.name}.svg"
    figure.savefig(path, metadata={"Date": None})
    return path
