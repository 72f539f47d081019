"""`report`: classify a folder and write one page about it."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from logo_classifier import HybridClassifier
from logo_classifier.cli.answering import load_classifier, stream_answers, widest_limits
from logo_classifier.cli.classify.command import UNSURE_BELOW
from logo_classifier.cli.progress import watched
from logo_classifier.cli.report.findings import Findings
from logo_classifier.cli.report.page import render
from logo_classifier.cli.sources import find_pictures

_EXAMPLES = """\b
Examples:
  logo-classifier report logos/
  logo-classifier report -r logos/ --out logos.html --threshold 0.8

\b
The exit status is 0 if all pictures are classified, 1 if one failed (the report lists it), and 2
for wrong use.
"""


@click.command("report", epilog=_EXAMPLES)
@click.argument("folder", type=click.Path(exists=True, file_okay=False))
@click.option(
    "-o",
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("report.html"),
    show_default=True,
    help="The file to write; one that is there is written over.",
)
@click.option("-r", "--recursive", is_flag=True, help="Take folders below the folder, too.")
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
@click.option("--model", metavar="VERSION|PATH", help="Ask another model than the shipped one.")
def command(
    folder: str, out: Path, recursive: bool, threshold: float, most: int, model: str | None
) -> None:
    """Write one HTML page about the pictures of FOLDER.

    It counts the types, plots the confidences, and shows the pictures, the least sure first. It
    needs no other file and no script, so it can be mailed.
    """
    findings = Findings(folder, threshold, most)
    classifier = load_classifier(model)
    answers = stream_answers(classifier, find_pictures([folder], recursive))
    total = find_pictures([folder], recursive)
    findings.add(watched(answers, total), widest_limits())
    if not findings.pictures:
        below = "" if recursive else "; -r looks into the folders below, too"
        raise click.UsageError(f"there is no picture in {folder}{below}")
    try:
        out.write_text(_page(findings, classifier), "utf-8")
    except OSError as error:
        raise click.UsageError(f"{out} cannot be written: {error.strerror}") from error
    click.echo(f"{out}: {findings.pictures} pictures, {len(findings.failed)} failed", err=True)
    sys.exit(1 if findings.failed else 0)


def _page(findings: Findings, classifier: HybridClassifier) -> str:
    model = classifier.get_model_info()
    name = f"{model['name']} {model['version']}" if classifier.model_loaded else "the rules alone"
    folder = os.path.basename(os.path.abspath(findings.folder))
    return render(findings, folder, name, datetime.now(UTC).date())
