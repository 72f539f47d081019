"""The root of the command line.

Data goes to stdout, messages to stderr. The exit status is 0 for yes, 1 for no (a version that does
not verify), and 2 for a command that cannot be carried out as it was given.
"""

from __future__ import annotations

from typing import ClassVar

import click

from logo_classifier.cli.lazy import LazyGroup


class _Commands(LazyGroup):
    places: ClassVar[dict[str, tuple[str, str]]] = {
        "models": (
            "logo_classifier.cli.models.group",
            "List, show, verify and compare model versions.",
        ),
        "trace": ("logo_classifier.cli.tracing", "Trace a logo to SVG with settings for its type."),
    }


@click.group(cls=_Commands)
def program() -> None:
    """Tell whether a logo is simple, text, gradient or complex."""


def main() -> None:
    """Run the command line."""
    program(prog_name="logo-classifier")
