"""`evaluate`: measure how right the answers on labelled pictures are."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from logo_classifier.cli.answering import load_classifier, stream_answers
from logo_classifier.cli.evaluate.scores import TYPES, Scores, score
from logo_classifier.cli.labelled import read_labels
from logo_classifier.cli.progress import watched
from logo_classifier.cli.sources import Named
from logo_classifier.cli.tables import print_table, printable
from logo_classifier.options import METHODS

_EXAMPLES = """\b
DATA is a folder with a sub-folder a type (simple, text, gradient, complex), or a CSV file with the
columns path and logo_type (or label); its paths are relative to the file.

\b
Examples:
  logo-classifier evaluate my-logos/
  logo-classifier evaluate labels.csv --method rule_based
  logo-classifier evaluate labels.csv --json | jq .scores.macro_f1

\b
The exit status is 0, 1 if a picture was refused (the others are scored), and 2 for wrong use.
"""

Rows = list[dict[str, Any]]


@click.command("evaluate", epilog=_EXAMPLES)
@click.argument("data", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--method",
    type=click.Choice(METHODS),
    default="auto",
    show_default=True,
    help="Who answers: auto asks the rules, and the network where they are unsure.",
)
@click.option("--json", "as_json", is_flag=True, help="Write one JSON object.")
@click.option("--model", metavar="VERSION|PATH", help="Ask another model than the shipped one.")
def command(data: Path, method: str, as_json: bool, model: str | None) -> None:
    """Measure how right the answers on labelled pictures are.

    It prints accuracy, macro-F1, confusion, expected calibration error (ECE, 15 bins of equal
    mass), how often the prediction set holds the true type, and what is wrong. Pictures that the
    classifier refuses are listed and not scored.
    """
    try:
        labels = read_labels(data)
    except (ValueError, OSError) as error:
        raise click.UsageError(str(error)) from error
    pictures = [Named(str(path)) for path, _ in labels]
    answers = watched(stream_answers(load_classifier(model), pictures, method=method), pictures)
    truths: list[str] = []
    given: Rows = []
    refused: list[dict[str, str]] = []
    for (_, truth), answered in zip(labels, answers, strict=True):
        row = {"path": printable(answered.name)}
        if answered.error:
            refused.append(row | answered.error)
            click.echo(f"refused: {row['path']}: {answered.error['message']}", err=True)
        else:
            truths.append(truth.value)
            given.append(row | answered.answer)
    if not given:
        raise click.UsageError(f"none of the {len(labels)} pictures can be scored")
    _print(score(truths, given), _wrong(truths, given), refused, as_json)
    sys.exit(1 if refused else 0)


def _wrong(truths: list[str], given: Rows) -> Rows:
    """Return the mistakes, the most confident first."""
    wrong = [
        {
            "path": answer["path"],
            "is": truth,
            "said": answer["logo_type"],
            "confidence": answer["confidence"],
        }
        for truth, answer in zip(truths, given, strict=True)
        if answer["logo_type"] != truth
    ]
    return sorted(wrong, key=lambda row: -float(row["confidence"]))


def _print(scores: Scores, wrong: Rows, refused: list[dict[str, str]], as_json: bool) -> None:
    if as_json:
        told = {"scores": asdict(scores), "types": TYPES, "wrong": wrong, "refused": refused}
        click.echo(json.dumps(told, indent=1))
        return
    low, high = scores.accuracy_interval
    rows = [
        ("pictures", str(scores.pictures)),
        ("refused", str(len(refused))),
        ("accuracy", f"{scores.accuracy:.4f} (95 %: {low:.4f} to {high:.4f})"),
        ("macro-F1", f"{scores.macro_f1:.4f}"),
        ("ECE", f"{scores.expected_calibration_error:.4f}"),
        ("coverage of the sets", f"{scores.coverage:.4f}"),
        ("mean size of the sets", f"{scores.mean_set_size:.2f}"),
    ]
    print_table(("score", "value"), rows)
    click.echo()
    print_table(("type", "precision", "recall", "F1", "coverage"), _by_type(scores))
    click.echo()
    counts = zip(TYPES, scores.confusion, strict=True)
    print_table(
        ("is", *(f"said {kind}" for kind in TYPES)),
        [(kind, *map(str, row)) for kind, row in counts],
    )
    if wrong:
        click.echo()
        columns = ("path", "is", "said", "confidence")
        print_table(
            columns, [[*(row[c] for c in columns[:3]), f"{row['confidence']:.3f}"] for row in wrong]
        )


def _by_type(scores: Scores) -> list[tuple[str, ...]]:
    measures = (scores.precision, scores.recall, scores.f1, scores.covered)
    return [
        (kind, *(f"{measure[kind]:.4f}" if kind in measure else "-" for measure in measures))
        for kind in TYPES
    ]
