"""`trace`: a picture to SVG, with settings for what the picture is."""

from __future__ import annotations

from pathlib import Path

import click

from logo_classifier import ClassifierError, HybridClassifier, LogoType, trace


@click.command("trace")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("-o", "--out", type=click.Path(dir_okay=False, path_type=Path), required=True)
@click.option(
    "--as",
    "logo_type",
    type=click.Choice([kind.value for kind in LogoType]),
    help="Trace with the settings of this type, without asking what the picture is.",
)
def command(file: Path, out: Path, logo_type: str | None) -> None:
    """Trace the logo in FILE with VTracer and write it to --out as SVG."""
    try:
        if logo_type is None:
            tracing = HybridClassifier().classify(file, include_tracing=True)["tracing"]
            click.echo(tracing["why"], err=True)
            logo_type = tracing["basis"]
        svg = trace(file, logo_type)
    except (ClassifierError, ModuleNotFoundError) as error:
        raise click.UsageError(str(error)) from error
    try:
        out.write_text(svg, encoding="utf-8")
    except OSError as error:
        raise click.UsageError(f"{out} cannot be written: {error.strerror}") from error
    click.echo(f"{out}: {len(svg)} bytes, {svg.count('<path')} paths", err=True)
