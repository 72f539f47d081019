"""Find the pictures of a job: in folders, patterns, lists and tables, near and far."""

from __future__ import annotations

import csv
import glob
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import TextIOWrapper
from typing import IO

from logo_classifier.bulk.refusals import BulkError
from logo_classifier.bulk.remote import is_remote, list_remote, open_remote
from logo_classifier.bulk.tables import column_of, paths_of
from logo_classifier.pictures.limits import SUFFIXES

PATH_COLUMNS = ("path", "url", "bytes")
"""The names that a column of pictures has unless the job says another; the first one counts."""

_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Source:
    """Where the pictures are: an absolute path, an address or a pattern, and what it is.

    `kind` is folder, pattern, list, csv, parquet (a table of paths) or bytes (a table that holds
    the pictures). `sha256` is that of a list or a table, None of the others.
    """

    place: str
    kind: str
    recursive: bool = False
    column: str | None = None
    sha256: str | None = None


def open_source(given: str, recursive: bool = False, column: str | None = None) -> Source:
    """Return what a source is; raise BulkError for what is none, with what would be one."""
    place = given if is_remote(given) else os.path.abspath(given)
    suffix = os.path.splitext(place)[1].lower()
    kinds = {".txt": "list", ".csv": "csv", ".parquet": "parquet"}
    if not is_remote(place) and os.path.isdir(place):
        return Source(place, "folder", recursive)
    if "*" in place if is_remote(place) else glob.has_magic(place) and not os.path.exists(place):
        return Source(place, "pattern", recursive)
    if suffix in kinds:
        return _open_file(place, kinds[suffix], column)
    if suffix in SUFFIXES:
        raise BulkError(f"{given} is one picture: `logo-classifier classify` answers it")
    if is_remote(place):
        return Source(place, "folder", recursive)
    what = "no such folder or file" if not os.path.exists(place) else "not known by its ending"
    raise BulkError(
        f"{given}: {what}; a source is a folder, a pattern, a list of paths (.txt), "
        "or a table (.csv, .parquet)"
    )


def names_of(source: Source) -> Iterator[str]:
    """Yield the paths or addresses of the pictures, in no order that is promised.

    Nothing is kept. Of folders and patterns those that end like a picture count. Paths of a list
    or a table are relative to its folder. Raises BulkError where something cannot be read.
    """
    if source.kind == "folder":
        if is_remote(source.place):
            return filter(_is_picture, list_remote(source.place, source.recursive))
        return _walk(source.place, source.recursive)
    if source.kind == "pattern":
        if is_remote(source.place):
            return filter(_is_picture, list_remote(source.place, source.recursive))
        return filter(_is_picture, glob.iglob(source.place, recursive=True))
    return (_resolve(source.place, name) for name in _listed(source))


def open_file(place: str) -> IO[bytes]:
    """Open a file or an address; raise BulkError if it cannot be read."""
    if is_remote(place):
        return open_remote(place)
    try:
        return open(place, "rb")
    except OSError as error:
        raise BulkError(f"{place} cannot be read: {error.strerror}") from error


def _open_file(place: str, kind: str, column: str | None) -> Source:
    with open_file(place) as file:
        digest = hashlib.sha256()
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    if kind == "csv":
        with _lines_of(place) as lines:
            column = _choose(place, csv.DictReader(lines).fieldnames or (), column)
    elif kind == "parquet":
        with open_file(place) as file:
            names, binary = column_of(file)
            column = _choose(place, names, column)
            kind = "bytes" if column in binary else kind
    return Source(place, kind, False, column, digest.hexdigest())


def _choose(place: str, names: object, wanted: str | None) -> str:
    there = list(names) if isinstance(names, (list, tuple)) else []
    for name in (wanted,) if wanted else PATH_COLUMNS:
        if name in there:
            return str(name)
    raise BulkError(
        f"{place} has no column {wanted or ' or '.join(PATH_COLUMNS)}; --column names one of its "
        f"columns: {', '.join(there) or 'it has none'}"
    )


def _listed(source: Source) -> Iterator[str]:
    if source.kind == "parquet":
        with open_file(source.place) as file:
            yield from paths_of(file, source.column or "")
        return
    with _lines_of(source.place) as lines:
        if source.kind == "csv":
            yield from (row[source.column] for row in csv.DictReader(lines) if row[source.column])
        else:
            yield from (name for line in lines if (name := line.rstrip("\r\n")))


@contextmanager
def _lines_of(place: str) -> Iterator[TextIOWrapper]:
    # Spreadsheets write a byte order mark first; names of files may hold any byte.
    with (
        open_file(place) as file,
        TextIOWrapper(file, "utf-8-sig", "surrogateescape", newline="") as lines,
    ):
        yield lines


def _resolve(listing: str, name: str) -> str:
    if is_remote(name) or os.path.isabs(name):
        return name
    return f"{listing.rpartition('/')[0]}/{name}"


def _walk(folder: str, recursive: bool) -> Iterator[str]:
    """Yield pictures without a list of them: a folder may hold millions."""
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.startswith("."):
                    continue
                if recursive and entry.is_dir(follow_symlinks=False):
                    yield from _walk(entry.path, recursive)
                elif _is_picture(entry.path) and entry.is_file():
                    yield entry.path
    except OSError as error:
        raise BulkError(f"{folder} cannot be listed: {error.strerror}") from error


def _is_picture(name: str) -> bool:
    return os.path.splitext(name)[1].lower() in SUFFIXES
