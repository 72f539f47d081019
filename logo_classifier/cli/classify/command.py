"""`classify`: tell the types of files, folders and what comes through a pipe."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice

import click

from logo_classifier.cli.answering import Answered, load_classifier, stream_answers
from logo_classifier.cli.classify import rows
from logo_classifier.cli.progress import on_terminal, watched
from logo_classifier.cli.sources import STDIN, Named, check_arguments, find_pictures
from logo_classifier.options import LONGEST_BUDGET_SECONDS, METHODS

UNSURE_BELOW = 0.5

_EXAMPLES = """\b
Examples:
  logo-classifier classify logo.png
  logo-classifier classify -r logos/ --csv > types.csv
  logo-classifier classify 'logos/*.png' --format '%l %p'
  curl -s https://example.org/logo.png | logo-classifier classify - --json
  logo-classifier classify logos/ --jsonl | jq -r 'select(.unsure) | .path'

\b
The exit status is 0 if all pictures are classified, 1 if one failed (its row says why), and 2 for
wrong use. Data goes to stdout and messages go to stderr. NO_COLOR=1 turns colours off.
"""


@dataclass(slots=True)
class _Tally:
    """What was seen while answers passed."""

    threshold: float
    pictures: int = 0
    failed: int = 0
    unsure: int = 0

    def count(self, answers: Iterable[Answered]) -> Iterator[Answered]:
        for answered in answers:
            self.pictures += 1
            self.failed += answered.error is not None
            self.unsure += rows.is_unsure(answered, self.threshold)
            yield answered

    def __str__(self) -> str:
        return f"{self.pictures} pictures, {self.unsure} unsure, {self.failed} failed"


def _check_pattern(
    context: click.Context, option: click.Parameter, pattern: str | None
) -> str | None:
    try:
        rows.check_pattern(pattern or "")
    except ValueError as error:
        raise click.BadParameter(str(error), context, option) from error
    return pattern


@click.command("classify", epilog=_EXAMPLES)
@click.argument(
    "pictures",
    nargs=-1,
    required=True,
    type=click.Path(allow_dash=True),
    metavar="FILE|FOLDER|PATTERN|-...",
)
@click.option("-r", "--recursive", is_flag=True, help="Take folders below a folder, too.")
@click.option("--json", "form", flag_value="json", help="Write one JSON array of whole answers.")
@click.option("--jsonl", "form", flag_value="jsonl", help="Write a JSON object a line.")
@click.option("--csv", "form", flag_value="csv", help="Write comma-separated values.")
@click.option(
    "--format",
    "pattern",
    metavar="TEXT",
    callback=_check_pattern,
    help=f"Write a line each: {rows.LETTERS}.",
)
@click.option(
    "--method",
    type=click.Choice(METHODS),
    default="auto",
    show_default=True,
    help="Who answers: auto asks the rules, and the network where they are unsure.",
)
@click.option(
    "--time-budget",
    type=click.FloatRange(0, LONGEST_BUDGET_SECONDS, min_open=True),
    metavar="SECONDS",
    help="Answer by the rules where the network would take longer.",
)
@click.option(
    "--threshold",
    type=click.FloatRange(0, 1),
    default=UNSURE_BELOW,
    show_default=True,
    help="Mark answers with a confidence below it as unsure; none is left out or changed.",
)
@click.option("--explain", is_flag=True, help="Tell why, too; JSON gets the whole explanation.")
@click.option("--model", metavar="VERSION|PATH", help="Ask another model than the shipped one.")
def command(  # noqa: PLR0913, PLR0917 - the documented options
    pictures: tuple[str, ...],
    recursive: bool,
    form: str | None,
    pattern: str | None,
    method: str,
    time_budget: float | None,
    threshold: float,
    explain: bool,
    model: str | None,
) -> None:
    """Tell for each picture whether it is simple, text, gradient or complex.

    A FOLDER means the pictures in it. A PATTERN such as 'logos/*.png' is resolved where the shell
    did not. `-` reads one picture from the standard input.
    """
    _check_forms(form, pattern, explain)
    asked = _find_some(pictures, recursive)
    tally = _Tally(threshold)
    classifier = load_classifier(model)
    answers = stream_answers(
        classifier, asked, method=method, time_budget=time_budget, explain=explain
    )
    counted = tally.count(answers)
    total = () if STDIN in pictures else find_pictures(pictures, recursive)
    if form is None and pattern is None and on_terminal():
        _print_table(counted, total, threshold)
    else:
        for text in _written(watched(counted, total), form, pattern, threshold, explain):
            click.echo(text, nl=False)
    if sys.stderr.isatty():
        click.echo(str(tally), err=True)
    sys.exit(1 if tally.failed else 0)


def _check_forms(form: str | None, pattern: str | None, explain: bool) -> None:
    if form and pattern is not None:
        raise click.UsageError("choose one of --json, --jsonl, --csv and --format")
    if explain and pattern is not None:
        raise click.UsageError("--format has no place for --explain; --csv has a column for it")


def _find_some(arguments: tuple[str, ...], recursive: bool) -> Iterator[Named]:
    """Return the pictures; raise UsageError if there is none."""
    check_arguments(arguments)
    found = find_pictures(arguments, recursive)
    first = list(islice(found, 1))
    if not first:
        below = "" if recursive else "; -r looks into the folders below, too"
        raise click.UsageError(f"there is no picture in {' '.join(arguments)}{below}")
    return chain(first, found)


def _written(
    answers: Iterable[Answered],
    form: str | None,
    pattern: str | None,
    threshold: float,
    explain: bool,
) -> Iterator[str]:
    if pattern is not None:
        return rows.as_pattern(answers, threshold, pattern)
    if form in {"json", "jsonl"}:
        return {"json": rows.as_json, "jsonl": rows.as_json_lines}[form](answers, threshold)
    columns = rows.EXPLAINED_COLUMNS if explain else rows.COLUMNS
    write = rows.as_csv if form == "csv" else rows.as_tabs
    return write(answers, threshold, columns)


def _print_table(answers: Iterator[Answered], total: Iterable[object], threshold: float) -> None:
    from rich.console import Console  # noqa: PLC0415 - pipes need none of it

    from logo_classifier.cli.classify.table import row_printer  # noqa: PLC0415

    console = Console()
    show = row_printer(console, threshold)
    for answered in watched(answers, total, console):
        show(answered)
