"""`batch status`: tell how far a job is."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from logo_classifier.bulk.job import Status, read_status
from logo_classifier.bulk.refusals import BulkError
from logo_classifier.cli.tables import print_table

_EXAMPLES = """\b
Examples:
  logo-classifier batch status answers
  logo-classifier batch status answers --json | jq .counts

\b
The exit status is 0 if the job is complete, 1 if it is not, and 2 if FOLDER holds none.
"""


@click.command("status", epilog=_EXAMPLES)
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Write one JSON object.")
def command(folder: Path, as_json: bool) -> None:
    """Tell how far the job in FOLDER is, from the parts that are there."""
    try:
        status = read_status(folder)
    except BulkError as error:
        raise click.UsageError(str(error)) from error
    values = _values(status)
    if as_json:
        click.echo(json.dumps(values))
    else:
        counts = values.pop("counts")
        print_table(("what", "value"), [(k, str(v)) for k, v in (values | counts).items()])
    sys.exit(0 if status.complete else 1)


def _values(status: Status) -> dict[str, Any]:
    manifest = status.manifest
    return {
        "complete": status.complete,
        "source": manifest.source["place"],
        "model": manifest.settings["model"]["name"],
        "pictures": manifest.plan.pictures,
        "answered": status.pictures,
        "shards": manifest.plan.shards,
        "finished": len(status.finished),
        "started": manifest.started,
        "counts": dict(sorted(status.counts.items())),
    }
