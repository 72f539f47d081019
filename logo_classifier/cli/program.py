"""The root of the command line.

Data goes to stdout, messages to stderr. The exit status is 0 for yes, 1 for no (a version that does
not verify), and 2 for a command that cannot be carried out as it was given.
"""

from __future__ import annotations

import sys
from io import TextIOWrapper
from typing import ClassVar

import click

from logo_classifier.cli.lazy import LazyGroup


class _Commands(LazyGroup):
    places: ClassVar[dict[str, tuple[str, str]]] = {
        "classify": (
            "logo_classifier.cli.classify.command",
            "Tell the types of files, folders and what comes through a pipe.",
        ),
        "batch": (
            "logo_classifier.cli.batch.group",
            "Classify any number of pictures into a folder that survives crashes.",
        ),
        "report": (
            "logo_classifier.cli.report.command",
            "Write one HTML page about a folder of pictures.",
        ),
        "evaluate": (
            "logo_classifier.cli.evaluate.command",
            "Measure how right the answers on labelled pictures are.",
        ),
        "doctor": (
            "logo_classifier.cli.doctor",
            "Check this machine and installation, and say what to do.",
        ),
        "models": (
            "logo_classifier.cli.models.group",
            "List, show, verify and compare model versions.",
        ),
        "trace": ("logo_classifier.cli.tracing", "Trace a logo to SVG with settings for its type."),
    }


_EXAMPLES = """\b
Examples:
  logo-classifier classify logo.png                one picture
  logo-classifier classify -r logos/ --csv         a folder and those below it
  logo-classifier batch logos/ --out answers       any number of them, crash or not
  logo-classifier report logos/ --out logos.html   a page to look at and to mail
  logo-classifier evaluate labels.csv              how right it is on your own logos
  logo-classifier doctor                           is this machine fit for it?

\b
Each command has its own --help with examples.
"""


@click.group(cls=_Commands, epilog=_EXAMPLES)
def program() -> None:
    """Tell whether a logo is simple, text, gradient or complex.

    Which settings trace a logo well depends on its type. Each answer has a calibrated confidence
    and a prediction set, which holds the types that remain possible.
    """


def main() -> None:
    """Run the command line."""
    # A name that the terminal's encoding lacks is shown by its code; it ends no command.
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    program(prog_name="logo-classifier")
