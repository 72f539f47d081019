"""`models show`: all that is known of a version without loading it."""

from __future__ import annotations

from dataclasses import asdict

import click

from logo_classifier import Registry
from logo_classifier.cli.models.versions import folder_of
from logo_classifier.cli.tables import print_table


@click.command("show")
@click.argument("version")
@click.pass_obj
def command(registry: Registry, version: str) -> None:
    """Show the scores of VERSION and the SHA-256 of each of its parts."""
    folder = folder_of(registry, version)
    card = registry.card(version)
    facts = {name: value for name, value in asdict(card).items() if name != "sha256"}
    rows = [["folder", str(folder)]]
    rows += [[name, str(value)] for name, value in facts.items() if value is not None]
    rows += [[f"SHA-256 of {part}", digest] for part, digest in card.sha256.items()]
    print_table(("what", "value"), rows)
