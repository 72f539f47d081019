"""Rows come back from every form as they were written."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from logo_classifier import HybridClassifier
from logo_classifier.bulk.rows import FORMATS, TYPES, Row, make_row, read_part, write_part

GOLDEN = Path(__file__).parents[3] / "models" / "golden"


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    classifier = HybridClassifier(enable_caching=False)
    names = [*map(str, sorted(GOLDEN.glob("*.png"))[:3]), "/no such file,\n\udcff.png"]
    return [make_row(name, classifier.classify_safe(name)) for name in names]


@pytest.mark.parametrize("form", FORMATS)
def test_rows_come_back_as_they_were_written(rows: list[Row], form: str, tmp_path: Path) -> None:
    part = tmp_path / f"part.{form}"

    write_part(rows, part, form)

    assert list(read_part(part)) == rows
    assert list(read_part(part, ("path",))) == [{"path": row["path"]} for row in rows]


def test_a_row_has_an_answer_or_an_error(rows: list[Row]) -> None:
    *answered, failed = rows

    assert all(row["error"] is None and row["logo_type"] for row in answered)
    assert all(len(row["sha256"]) == 64 and row["format"] == "PNG" for row in answered)
    assert failed["error_type"] == "image_not_found"
    assert {n for n, value in failed.items() if value is not None} == {
        "path",
        "error_type",
        "error",
    }


def test_a_name_that_utf8_cannot_hold_is_escaped(rows: list[Row]) -> None:
    assert rows[-1]["path"] == "/no such file,\n\\xff.png"


def test_probabilities_are_those_of_the_answer(rows: list[Row]) -> None:
    answer = HybridClassifier(enable_caching=False).classify(rows[0]["path"])

    assert {kind: rows[0][f"probability_{kind}"] for kind in answer["probabilities"]} == answer[
        "probabilities"
    ]


def test_others_read_the_parts_with_their_own_tools(rows: list[Row], tmp_path: Path) -> None:
    for form in FORMATS:
        write_part(rows, tmp_path / f"part.{form}", form)

    assert pq.read_table(tmp_path / "part.parquet").to_pylist() == rows
    lines = (tmp_path / "part.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line) for line in lines] == rows
    with open(tmp_path / "part.csv", newline="", encoding="utf-8") as file:
        first = next(csv.DictReader(file))
    assert list(first) == list(TYPES)
    assert first["prediction_set"].split() == rows[0]["prediction_set"]


def test_a_part_of_no_rows_is_read(tmp_path: Path) -> None:
    for form in FORMATS:
        write_part([], tmp_path / f"part.{form}", form)

        assert list(read_part(tmp_path / f"part.{form}")) == []
