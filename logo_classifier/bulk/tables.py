"""Read tables in Parquet: paths, or the pictures themselves.

Pyarrow costs a quarter of a second and 48 MB: it is imported only where a job asks for it.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import IO, Any

from logo_classifier.bulk.refusals import BulkError

_PATHS_AT_A_TIME = 4096
_PICTURES_AT_A_TIME = 32
_BUFFER_BYTES = 1 << 20


def need_pyarrow(module: str = "pyarrow") -> Any:
    """Return a module of pyarrow; raise BulkError with the cure where it is not installed."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise BulkError("Parquet needs pyarrow: pip install 'logo-classifier[parquet]'") from error


def column_of(file: IO[bytes]) -> tuple[list[str], set[str]]:
    """Return the names of a table's columns of text and bytes, and which of them hold bytes."""
    arrow = need_pyarrow()
    types = {field.name: field.type for field in _open(file).schema_arrow}
    kinds = arrow.types
    binary = {n for n, t in types.items() if kinds.is_binary(t) or kinds.is_large_binary(t)}
    texts = {n for n, t in types.items() if kinds.is_string(t) or kinds.is_large_string(t)}
    return [name for name in types if name in texts | binary], binary


def paths_of(file: IO[bytes], column: str) -> Iterator[str]:
    """Yield the texts of a column that are not empty."""
    batches = _open(file).iter_batches(batch_size=_PATHS_AT_A_TIME, columns=[column])
    for batch in batches:
        yield from filter(None, batch.column(0).to_pylist())


def count_rows(file: IO[bytes]) -> int:
    """Return the number of rows."""
    return int(_open(file).metadata.num_rows)


def pictures_of(file: IO[bytes], column: str, start: int, stop: int) -> Iterator[bytes]:
    """Yield the bytes in rows `start` to `stop`, empty ones where there are none.

    Only the row groups that hold these rows are read, a few rows of them at a time.
    """
    table = _open(file)
    groups, first, before = [], None, 0
    for group in range(table.metadata.num_row_groups):
        after = before + table.metadata.row_group(group).num_rows
        if before < stop and after > start:
            groups.append(group)
            first = before if first is None else first
        before = after
    place = first or 0
    batches = table.iter_batches(
        batch_size=_PICTURES_AT_A_TIME, row_groups=groups, columns=[column]
    )
    for batch in batches:
        for row, data in enumerate(batch.column(0), place):
            if start <= row < stop:
                yield data.as_py() or b""
        place += batch.num_rows
        if place >= stop:
            return


def _open(file: IO[bytes]) -> Any:
    parquet = need_pyarrow("pyarrow.parquet")
    try:
        return parquet.ParquetFile(file, pre_buffer=False, buffer_size=_BUFFER_BYTES)
    except (OSError, ValueError) as error:  # ArrowInvalid is a ValueError
        raise BulkError(f"the table is no Parquet file: {error}") from error
