"""`batch report`: write one page about what a job has so far."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click

from logo_classifier.bulk.job import Status, read_status, rows_of
from logo_classifier.bulk.refusals import BulkError
from logo_classifier.cli.answering import Answered, widest_limits
from logo_classifier.cli.classify.command import UNSURE_BELOW
from logo_classifier.cli.report.findings import Findings
from logo_classifier.cli.report.page import render

_EXAMPLES = """\b
Examples:
  logo-classifier batch report answers
  logo-classifier batch report answers --out answers.html --most 200

\b
The exit status is 0, 1 if the job is not complete or a picture failed, and 2 for wrong use.
"""


@click.command("report", epilog=_EXAMPLES)
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("report.html"),
    show_default=True,
    help="The file to write; one that is there is written over.",
)
@click.option(
    "--threshold",
    type=click.FloatRange(0, 1),
    default=UNSURE_BELOW,
    show_default=True,
    help="Count answers with a confidence below it as unsure.",
)
@click.option(
    "--most",
    type=click.IntRange(0),
    default=1000,
    show_default=True,
    help="Show at most so many pictures, the least sure ones; all are counted.",
)
def command(folder: Path, out: Path, threshold: float, most: int) -> None:
    """Write one HTML page about the job in FOLDER, with the least sure pictures first.

    Thumbnails are of files that this machine can read; pictures from afar and from tables are
    named without one.
    """
    try:
        status = read_status(folder)
        findings = Findings(_base(status), threshold, most)
        findings.add(_answers(folder), widest_limits())
        out.write_text(_page(findings, status), "utf-8")
    except BulkError as error:
        raise click.UsageError(str(error)) from error
    except OSError as error:
        raise click.UsageError(f"{out} cannot be written: {error.strerror}") from error
    click.echo(f"{out}: {findings.pictures} pictures, {len(findings.failed)} failed", err=True)
    sys.exit(0 if status.complete and not findings.failed else 1)


def _answers(folder: Path) -> Iterator[Answered]:
    for row in rows_of(folder):
        if row["error_type"]:
            answer = {"error": {"type": row["error_type"], "message": row["error"]}}
        else:
            answer = {name: row[name] for name in ("logo_type", "confidence", "prediction_set")}
        yield Answered(row["path"], answer)


def _base(status: Status) -> str:
    """Return the folder that names of pictures are shown relative to."""
    source = status.manifest.source
    place: str = source["place"]
    return place if source["kind"] == "folder" else os.path.dirname(place.partition("*")[0])


def _page(findings: Findings, status: Status) -> str:
    name = os.path.basename(status.manifest.source["place"].rstrip("/"))
    model = status.manifest.settings["model"]["name"].replace("/", " ")
    return render(findings, name, model, datetime.now(UTC).date())
