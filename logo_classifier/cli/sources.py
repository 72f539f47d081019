"""Find the pictures that the arguments of a command mean: files, folders, patterns and `-`."""

from __future__ import annotations

import glob
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import click

from logo_classifier import Limits
from logo_classifier.pictures.limits import SUFFIXES

STDIN = "-"


@dataclass(frozen=True, slots=True)
class Named:
    """A picture with the name that its row shows; `data` is None where the name is its path."""

    name: str
    data: bytes | None = None

    @property
    def source(self) -> str | bytes:
        """Return what the classifier reads."""
        return self.name if self.data is None else self.data


def find_pictures(arguments: Iterable[str], recursive: bool) -> Iterator[Named]:
    """Yield the pictures that arguments mean, in the order given, those of a folder by name.

    A folder means the pictures in it, with `recursive` also those in folders below it; hidden
    files, and files with another ending than a picture's, are passed over. A pattern such as
    `logos/*.png` is resolved where no file has this name. Any other argument is a file that is
    there or is told as missing; so is a folder that cannot be read. `-` reads the standard input,
    at most one byte more than a picture may have. Names are found as they are asked for.
    """
    for argument in arguments:
        if argument == STDIN:
            yield Named(STDIN, sys.stdin.buffer.read(Limits().max_bytes + 1))
            continue
        for path in _resolve(argument):
            if os.path.isdir(path):
                yield from map(Named, _walk(path, recursive))
            else:
                yield Named(path)


def check_arguments(arguments: Iterable[str]) -> None:
    """Raise UsageError where the standard input is asked for twice, or is a keyboard."""
    count = list(arguments).count(STDIN)
    if count > 1:
        raise click.UsageError(f"{STDIN} is the standard input, which can be read once")
    if count and sys.stdin.isatty():
        raise click.UsageError(f"{STDIN} reads a picture from a pipe: cat logo.png | ... {STDIN}")


def _resolve(argument: str) -> list[str]:
    """Return the paths of a pattern, in order; the argument itself if it is none or fits none."""
    if glob.has_magic(argument) and not os.path.lexists(argument):
        return sorted(glob.glob(argument, recursive=True)) or [argument]
    return [argument]


def _walk(folder: str, recursive: bool) -> Iterator[str]:
    try:
        with os.scandir(folder) as found:
            visible = [entry for entry in found if not entry.name.startswith(".")]
    except OSError:  # whoever asks the classifier for the folder is told so
        yield folder
        return
    for entry in sorted(visible, key=lambda each: each.name):
        if entry.is_file() and os.path.splitext(entry.name)[1].lower() in SUFFIXES:
            yield entry.path
        elif recursive and entry.is_dir(follow_symlinks=False):
            yield from _walk(entry.path, recursive)
