"""Parquet tables hold paths or the pictures themselves."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from logo_classifier.bulk.refusals import BulkError
from logo_classifier.bulk.sources import names_of, open_source
from logo_classifier.bulk.tables import count_rows, pictures_of


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Return a table of ten rows in row groups of three."""
    rows = {
        "number": list(range(10)),
        "path": [f"{number}.png" if number else None for number in range(10)],
        "image": [bytes([number]) * 5 if number != 4 else None for number in range(10)],
    }
    place = tmp_path / "table.parquet"
    pq.write_table(pa.table(rows), place, row_group_size=3)
    return place


def test_a_column_of_text_holds_paths(table: Path) -> None:
    source = open_source(str(table))

    assert (source.kind, source.column) == ("parquet", "path")
    assert list(names_of(source)) == [
        str(table.parent / f"{number}.png") for number in range(1, 10)
    ]


def test_a_column_of_bytes_holds_pictures(table: Path) -> None:
    source = open_source(str(table), column="image")

    assert (source.kind, source.column) == ("bytes", "image")
    with open(table, "rb") as file:
        assert count_rows(file) == 10


@pytest.mark.parametrize(("start", "stop"), [(0, 10), (0, 3), (2, 7), (3, 6), (8, 10), (9, 10)])
def test_any_rows_are_read_across_row_groups(table: Path, start: int, stop: int) -> None:
    with open(table, "rb") as file:
        read = list(pictures_of(file, "image", start, stop))

    assert read == [bytes([n]) * 5 if n != 4 else b"" for n in range(start, stop)]


def test_another_column_is_refused_with_those_that_hold_text_or_bytes(table: Path) -> None:
    with pytest.raises(BulkError, match="--column names one of its columns: path, image"):
        open_source(str(table), column="number")


def test_what_is_no_parquet_is_refused(tmp_path: Path) -> None:
    (tmp_path / "table.parquet").write_bytes(b"nothing of the kind")

    with pytest.raises(BulkError, match="no Parquet file"):
        open_source(str(tmp_path / "table.parquet"))
