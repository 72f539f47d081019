"""The report of a benchmark section, and its output as text."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from rich.console import Console
from rich.table import Table as ShownTable

Cell = str | float | int | None

INVALID = "INVALID"


@dataclass(frozen=True)
class Table:
    """A table; numbers are rounded only for output."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]


@dataclass(frozen=True)
class Goal:
    """A measured value and its target; `value` is None if it is invalid."""

    name: str
    value: float | None
    relation: str
    """The required relation of value and limit: one of <=, <, >=."""
    limit: float
    unit: str = ""

    @property
    def met(self) -> bool | None:
        """Return whether the goal is met; None if the value is invalid."""
        if self.value is None:
            return None
        compare = {"<=": operator.le, "<": operator.lt, ">=": operator.ge}[self.relation]
        return bool(compare(self.value, self.limit))


@dataclass(frozen=True)
class Plot:
    """The curves of a plot; `knees` has the x of the knee of each curve that has one."""

    name: str
    title: str
    x_label: str
    y_label: str
    series: dict[str, list[tuple[float, float]]]
    knees: dict[str, float | None] = field(default_factory=dict)
    log_y: bool = False


@dataclass(frozen=True)
class Section:
    """The results of one section: tables, goals, plots, the settings and every round."""

    title: str
    tables: Sequence[Table] = ()
    goals: Sequence[Goal] = ()
    plots: Sequence[Plot] = ()
    settings: dict[str, Any] = field(default_factory=dict)
    rounds: dict[str, Any] = field(default_factory=dict)
    error: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the section as JSON-ready values; goals include whether they are met."""
        goals = [{**asdict(goal), "met": goal.met} for goal in self.goals]
        return {**asdict(self), "goals": goals}


def show(section: Section, console: Console) -> None:
    """Print the tables and goals of a section."""
    console.rule(section.title)
    if section.error:
        console.print(f"{INVALID}: {section.error}", markup=False)
    for table in section.tables:
        _show_table(table, console)
    if section.goals:
        rows = [_goal_row(goal) for goal in section.goals]
        _show_table(Table("goals", ("goal", "measured", "wanted", "met"), rows), console)


def _goal_row(goal: Goal) -> tuple[Cell, ...]:
    met = {True: "yes", False: "no", None: INVALID}[goal.met]
    wanted = f"{goal.relation} {_text(goal.limit)}{goal.unit}"
    measured = INVALID if goal.value is None else f"{_text(goal.value)}{goal.unit}"
    return goal.name, measured, wanted, met


def _show_table(table: Table, console: Console) -> None:
    shown = ShownTable(title=table.title, title_justify="left")
    for number, column in enumerate(table.columns):
        shown.add_column(column, justify="right" if number else "left")
    for row in table.rows:
        shown.add_row(*map(_text, row))
    console.print(shown)


def _text(cell: Cell) -> str:
    if cell is None:
        return "-"
    if isinstance(cell, float):
        return f"{cell:.0f}" if abs(cell) >= 100 else f"{cell:.3g}"
    return str(cell)
