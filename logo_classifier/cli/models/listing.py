"""`models list`: the versions with their scores."""

from __future__ import annotations

import click

from logo_classifier import Card, ModelUnavailable, Registry
from logo_classifier.cli.tables import print_table


@click.command("list")
@click.pass_obj
def command(registry: Registry) -> None:
    """List the versions with their scores; * marks the one that serves by default."""
    try:
        shipped = registry.shipped()
    except ModelUnavailable:
        shipped = ""
    cards = [registry.card(name) for name in registry.versions()]
    columns = ("version", "shipped", "accuracy", "macro-F1", "ECE", "measured on", "MiB")
    print_table(columns, [_row(card, card.name == shipped) for card in cards])


def _row(card: Card, shipped: bool) -> list[str]:
    return [
        card.name,
        "*" if shipped else "",
        _score(card.accuracy),
        _score(card.macro_f1),
        _score(card.expected_calibration_error),
        card.error or (f"{card.split}, {card.pictures}" if card.split else "-"),
        f"{card.bytes / 2**20:.1f}",
    ]


def _score(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
