"""Make a row of an answer, and read and write parts of rows: Parquet, JSON lines or CSV."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from logo_classifier import LogoType
from logo_classifier.bulk.folders import whole_file
from logo_classifier.bulk.tables import need_pyarrow

Row = dict[str, Any]

TYPES = {
    "path": "string",
    "logo_type": "string",
    "confidence": "double",
    **{f"probability_{kind}": "double" for kind in LogoType},
    "prediction_set": "list",
    "method_used": "string",
    "tier": "string",
    "format": "string",
    "width": "int64",
    "height": "int64",
    "bytes": "int64",
    "sha256": "string",
    "error_type": "string",
    "error": "string",
}
"""The columns of a row; those that a failed picture lacks are null, in CSV empty."""

FORMATS = ("parquet", "jsonl", "csv")


def make_row(name: str, answer: dict[str, Any]) -> Row:
    """Return the row of an answer or of an error; it has nothing that differs from run to run."""
    row: Row = dict.fromkeys(TYPES) | {"path": _readable(name)}
    if error := answer.get("error"):
        return row | {"error_type": error["type"], "error": _readable(error["message"])}
    return row | {
        "logo_type": answer["logo_type"],
        "confidence": answer["confidence"],
        **{f"probability_{kind}": value for kind, value in answer["probabilities"].items()},
        "prediction_set": answer["prediction_set"],
        "method_used": answer["method_used"],
        "tier": answer["routing_decision"]["tier"],
        **answer["image"],
    }


def write_part(rows: Sequence[Row], place: Path, form: str) -> None:
    """Write rows into a part that is there whole or not at all."""
    writers = {"parquet": _write_parquet, "jsonl": _write_lines, "csv": _write_csv}
    with whole_file(place) as draft:
        writers[form](rows, draft)


def read_part(place: Path, columns: Sequence[str] = tuple(TYPES)) -> Iterator[Row]:
    """Yield the rows of a part with some of their columns; its ending says its form."""
    readers = {".parquet": _read_parquet, ".jsonl": _read_lines, ".csv": _read_csv}
    return readers[place.suffix](place, columns)


def _readable(text: str) -> str:
    """Return a text that UTF-8 can hold: names of files may hold any byte."""
    return os.fsencode(text).decode("utf-8", "backslashreplace")


def _write_parquet(rows: Sequence[Row], place: Path) -> None:
    arrow, parquet = need_pyarrow(), need_pyarrow("pyarrow.parquet")
    kinds = {
        "string": arrow.string(),
        "double": arrow.float64(),
        "int64": arrow.int64(),
        "list": arrow.list_(arrow.string()),
    }
    schema = arrow.schema([(name, kinds[kind]) for name, kind in TYPES.items()])
    parquet.write_table(arrow.Table.from_pylist(list(rows), schema), place, compression="zstd")


def _write_lines(rows: Sequence[Row], place: Path) -> None:
    with open(place, "w", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _write_csv(rows: Sequence[Row], place: Path) -> None:
    with open(place, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, TYPES, lineterminator="\n")
        writer.writeheader()
        for row in rows:
            writer.writerow(row | {"prediction_set": " ".join(row["prediction_set"] or ())})


def _read_parquet(place: Path, columns: Sequence[str]) -> Iterator[Row]:
    parquet = need_pyarrow("pyarrow.parquet")
    for batch in parquet.ParquetFile(place).iter_batches(columns=list(columns)):
        yield from batch.to_pylist()


def _read_lines(place: Path, columns: Sequence[str]) -> Iterator[Row]:
    with open(place, encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            yield {name: row[name] for name in columns}


def _read_csv(place: Path, columns: Sequence[str]) -> Iterator[Row]:
    readers: dict[str, Callable[[str], Any]] = {
        "string": str,
        "double": float,
        "int64": int,
        "list": str.split,
    }
    with open(place, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield {name: readers[TYPES[name]](row[name]) if row[name] else None for name in columns}
