"""Versions as arguments of commands."""

from __future__ import annotations

from pathlib import Path

import click

from logo_classifier import ModelUnavailable, Registry


def folder_of(registry: Registry, name: str) -> Path:
    """Return the folder of a version; raise UsageError, with what there is, for any other name."""
    try:
        return registry.resolve(name)
    except ModelUnavailable as error:
        raise click.UsageError(str(error)) from error
