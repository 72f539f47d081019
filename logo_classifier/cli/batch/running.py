"""`batch run`: classify pictures into a folder of parts."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from types import FrameType
from typing import NoReturn

import click

from logo_classifier.bulk.cluster import RayEngine
from logo_classifier.bulk.job import Status, finish, opened_job, read_status, unfinished
from logo_classifier.bulk.local import LocalEngine, processors
from logo_classifier.bulk.models import find_model
from logo_classifier.bulk.refusals import BulkError
from logo_classifier.bulk.rows import FORMATS
from logo_classifier.bulk.settings import Settings
from logo_classifier.bulk.shards import Job
from logo_classifier.bulk.sources import open_source
from logo_classifier.cli.answering import widest_limits
from logo_classifier.cli.batch.watching import shown
from logo_classifier.options import METHODS

_INTERRUPTED, _TERMINATED = 130, 143

_EXAMPLES = """\b
Examples:
  logo-classifier batch logos/ --out answers
  logo-classifier batch -r logos/ --out answers --format csv --workers 8
  logo-classifier batch 'logos/**/*.png' --out answers
  logo-classifier batch paths.txt --out answers
  logo-classifier batch table.parquet --column image --out answers
  logo-classifier batch s3://bucket/logos/ --out answers
  logo-classifier batch paths.txt --out /shared/answers --engine ray --ray-address head:6379

\b
SOURCE is a folder, a pattern, a list of paths (.txt, a line each), or a table (.csv, .parquet) with
a column of paths, in Parquet also of bytes; each may be an address that fsspec knows.
The exit status is 0 if all pictures are classified, 1 if one failed (its row says why), 2 for wrong
use, 130 after Ctrl-C. The same command goes on with a job that was ended, however it was.
"""


class _Terminated(BaseException):
    """SIGTERM came, which Docker, Kubernetes and systemd send."""


@click.command("run", epilog=_EXAMPLES)
@click.argument("source")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    metavar="FOLDER",
    help="The folder of the job; made if it is not there.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default="parquet",
    show_default=True,
    help="The form of the parts; parquet needs pyarrow.",
)
@click.option(
    "--workers",
    type=click.IntRange(1),
    help="Processes or actors, each with a classifier; default: one a processor.",
)
@click.option(
    "--engine",
    type=click.Choice(("local", "ray")),
    default="local",
    show_default=True,
    help="Who shares the work: processes of this machine, or a Ray cluster that sees FOLDER.",
)
@click.option(
    "--ray-address",
    metavar="HOST:PORT",
    help="The Ray cluster; default: the one that Ray finds, or this machine alone.",
)
@click.option("-r", "--recursive", is_flag=True, help="Take folders below a folder, too.")
@click.option(
    "--column",
    metavar="NAME",
    help="The column of a table; default: the first of path, url, bytes.",
)
@click.option(
    "--method",
    type=click.Choice(METHODS),
    default="auto",
    show_default=True,
    help="Who answers: auto asks the rules, and the network where they are unsure.",
)
@click.option("--model", metavar="VERSION|PATH", help="Ask another model than the shipped one.")
def command(  # noqa: PLR0913, PLR0917 - the documented options
    source: str,
    out: Path,
    form: str,
    workers: int | None,
    engine: str,
    ray_address: str | None,
    recursive: bool,
    column: str | None,
    method: str,
    model: str | None,
) -> None:
    """Classify the pictures of SOURCE into parts in FOLDER/parts, and go on after any crash."""
    signal.signal(signal.SIGTERM, _end)
    try:
        settings = Settings(find_model(model), method, form, widest_limits().formats)
        with opened_job(out, open_source(source, recursive, column), settings) as job:
            _work(job, engine, workers, ray_address)
            status = finish(job)
    except BulkError as error:
        raise click.UsageError(str(error)) from error
    except (KeyboardInterrupt, _Terminated) as stop:
        click.echo(f"stopped; finished parts stay in {out}; the same command goes on", err=True)
        sys.exit(_TERMINATED if isinstance(stop, _Terminated) else _INTERRUPTED)
    click.echo(summary(out, status), err=True)
    sys.exit(1 if status.counts["failed"] else 0)


def _work(job: Job, engine: str, workers: int | None, ray_address: str | None) -> None:
    before = read_status(job.folder)
    shards = unfinished(job)
    total = before.manifest.plan.pictures
    click.echo(
        f"{total} pictures in {before.manifest.plan.shards} shards, {len(shards)} to do", err=True
    )
    with shown(before.pictures, total, before.counts["failed"]) as on_progress:
        if engine == "ray":
            RayEngine(job, workers, on_progress, ray_address).run(shards)
        else:
            LocalEngine(job, workers or processors(), on_progress).run(shards)


def summary(folder: Path, status: Status) -> str:
    """Return a line about what a job has so far."""
    counts = ", ".join(f"{number} {kind}" for kind, number in sorted(status.counts.items()))
    return f"{folder}: {status.pictures} of {status.manifest.plan.pictures} pictures: {counts}"


def _end(signal_number: int, frame: FrameType | None) -> NoReturn:
    raise _Terminated
