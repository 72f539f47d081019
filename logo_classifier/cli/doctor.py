"""`doctor`: say whether this machine and installation are fit to classify."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable

import click

from logo_classifier import Finding, Level, examine
from logo_classifier.cli.answering import find_model
from logo_classifier.cli.progress import on_terminal

_EXAMPLES = """\b
Examples:
  logo-classifier doctor
  logo-classifier doctor --json | jq -r '.findings[] | select(.level != "ok") | .cure'

\b
Each line begins with ok, warn (slower, or less certain) or fail, and the line below says what to
do. The exit status is 0, or 1 if something fails.
"""

_STYLES = {Level.OK: "green", Level.WARN: "yellow", Level.FAIL: "bold red"}


@click.command("doctor", epilog=_EXAMPLES)
@click.option("--json", "as_json", is_flag=True, help="Write one JSON object.")
@click.option("--model", metavar="VERSION|PATH", help="Check another model than the shipped one.")
def command(as_json: bool, model: str | None) -> None:
    """Check packages, processor, memory, clock, and the model with a self-test and its speed.

    The self-test compares the answers for sixteen golden pictures with those that were recorded.
    It writes nothing. `python -m app doctor` checks the settings of the service, too.
    """
    findings: Iterable[Finding] = examine(find_model(model))
    if as_json:
        findings = list(findings)
        told = {
            "fit": not any(each.level is Level.FAIL for each in findings),
            "findings": [each.to_dict() for each in findings],
        }
        click.echo(json.dumps(told, indent=1))
    else:
        findings = list(map(_shown, findings))
    sys.exit(any(each.level is Level.FAIL for each in findings))


def _shown(finding: Finding) -> Finding:
    if not on_terminal():
        click.echo(str(finding))
        return finding
    from rich.console import Console  # noqa: PLC0415 - pipes need none of it
    from rich.text import Text  # noqa: PLC0415

    line = Text(str(finding))
    line.stylize(_STYLES[finding.level], 0, len(finding.level))
    Console().print(line, soft_wrap=True)
    return finding
