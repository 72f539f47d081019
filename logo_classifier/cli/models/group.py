"""The commands about model versions."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import click

from logo_classifier.cli.lazy import LazyGroup


class _Models(LazyGroup):
    places: ClassVar[dict[str, tuple[str, str]]] = {
        "list": ("logo_classifier.cli.models.listing", "List the versions with their scores."),
        "show": ("logo_classifier.cli.models.showing", "Show all that is known of a version."),
        "verify": (
            "logo_classifier.cli.models.verifying",
            "Check digests, load, and compare with the recorded answers.",
        ),
        "compare": (
            "logo_classifier.cli.models.comparing",
            "Compare two versions on labelled pictures.",
        ),
    }


_EXAMPLES = """\b
Examples:
  logo-classifier models list
  logo-classifier models show logo-type/1.6.0
  logo-classifier models verify logo-type/1.6.0 && echo fit to serve
  logo-classifier models compare logo-type/1.5.0 logo-type/1.6.0 --data labels.csv
"""


@click.group("models", cls=_Models, epilog=_EXAMPLES)
@click.option(
    "--models-dir",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of versions, <name>/<version>/; default: the one that came with the library.",
)
@click.pass_context
def command(context: click.Context, models_dir: Path | None) -> None:
    """List, show, verify and compare model versions."""
    from logo_classifier import ModelUnavailable, Registry  # noqa: PLC0415 - not for --help

    try:
        context.obj = Registry(models_dir)
    except ModelUnavailable as error:
        raise click.UsageError(str(error)) from error
