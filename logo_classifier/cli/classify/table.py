"""Print answers on a terminal, a row as soon as it is there."""

from __future__ import annotations

from collections.abc import Callable

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from logo_classifier.cli.answering import Answered
from logo_classifier.cli.classify.rows import as_fields

_STYLES = {"simple": "green", "text": "cyan", "gradient": "magenta", "complex": "yellow"}
_TYPE_WIDTH, _CONFIDENCE_WIDTH, _REMARK_WIDTH = 8, 10, 34
_GAPS = 6
_NARROWEST = 12
_INDENT = 2


def row_printer(console: Console, threshold: float) -> Callable[[Answered], None]:
    """Return what prints a row; the first one comes below the names of the columns.

    The summary of an explained answer comes below its row.
    """
    width = max(_NARROWEST, min(60, console.width - 58 - _GAPS))
    widths = (width, _TYPE_WIDTH, _CONFIDENCE_WIDTH, _REMARK_WIDTH)

    def show(*cells: Text) -> None:
        table = Table.grid(padding=(0, 2, 0, 0))
        for each in widths:
            table.add_column(width=each, overflow="fold")
        table.add_row(*cells)
        console.print(table)

    heads = ["path", "type", "confidence", "remark"]

    def row(answered: Answered) -> None:
        if heads:
            show(*(Text(head, "bold") for head in heads))
            heads.clear()
        fields = as_fields(answered, threshold)
        show(*_cells(fields))
        if fields["explanation"]:
            console.print(Padding(Text(fields["explanation"], "dim"), (0, 0, 0, _INDENT)))

    return row


def _cells(fields: dict[str, str]) -> tuple[Text, ...]:
    name = Text(fields["path"])
    if fields["error"]:
        return name, Text("failed", "bold red"), Text(), Text(fields["error"], "red")
    kind = fields["logo_type"]
    unsure = bool(fields["unsure"])
    others = [each for each in fields["prediction_set"].split() if each != kind]
    remark = f"unsure; or {', '.join(others)}" if unsure and others else fields["unsure"]
    if others and not unsure:
        remark = f"or {', '.join(others)}"
    return (
        name,
        Text(kind, "dim" if unsure else _STYLES[kind]),
        Text(fields["confidence"], "dim" if unsure else ""),
        Text(remark, "dim"),
    )
