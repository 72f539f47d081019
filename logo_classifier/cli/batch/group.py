"""The commands about batch jobs; `batch SOURCE` is short for `batch run SOURCE`."""

from __future__ import annotations

from typing import ClassVar

import click

from logo_classifier.cli.lazy import LazyGroup

_RUN = "run"

_EXAMPLES = """\b
Examples:
  logo-classifier batch logos/ --out answers        begin, or go on after a crash
  logo-classifier batch status answers              how far it is
  logo-classifier batch report answers              a page about what came

\b
`batch SOURCE` is `batch run SOURCE`; `batch run --help` has the options.
"""


class _Batch(LazyGroup):
    places: ClassVar[dict[str, tuple[str, str]]] = {
        _RUN: ("logo_classifier.cli.batch.running", "Classify pictures into a folder of parts."),
        "status": ("logo_classifier.cli.batch.status", "Tell how far a job is."),
        "report": ("logo_classifier.cli.batch.report", "Write one HTML page about a job."),
    }

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take what is no command of this group as the arguments of `run`."""
        if args and args[0] not in (*self.places, *ctx.help_option_names):
            args = [_RUN, *args]
        return super().parse_args(ctx, args)


@click.group("batch", cls=_Batch, epilog=_EXAMPLES)
def command() -> None:
    """Classify any number of pictures into a folder that survives crashes."""
