"""`models verify`: say whether a version is fit to serve on this machine."""

from __future__ import annotations

import sys

import click

from logo_classifier import Registry, verify
from logo_classifier.cli.models.versions import folder_of


@click.command("verify")
@click.argument("version")
@click.pass_obj
def command(registry: Registry, version: str) -> None:
    """Check the digests of VERSION, load it, and compare its answers with the recorded ones."""
    found = verify(folder_of(registry, version), registry=registry)
    for problem in found.problems:
        click.echo(f"{version}: {problem}", err=True)
    if found.problems:
        click.echo(f"{version} does not verify: {len(found.problems)} problems")
        sys.exit(1)
    said = (
        f"{found.recorded} golden pictures are answered as recorded"
        if found.recorded
        else "it loads, but no golden answers are recorded to compare with"
    )
    click.echo(f"{version} verifies: {said}")
