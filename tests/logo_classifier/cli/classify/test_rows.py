"""Rows are what other programs can read."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from logo_classifier.cli.answering import Answered
from logo_classifier.cli.classify import rows

ANSWER: dict[str, Any] = {
    "logo_type": "text",
    "confidence": 0.4567,
    "prediction_set": ["text", "simple"],
    "method_used": "ensemble",
}
TWO = [
    Answered("a, b.png", ANSWER),
    Answered("c.png", {"error": {"type": "kind", "message": "why"}}),
]


def test_json_without_rows_is_an_empty_array() -> None:
    assert json.loads("".join(rows.as_json([], 0.5))) == []


def test_json_is_one_array_with_an_element_a_line() -> None:
    text = "".join(rows.as_json(TWO, 0.5))

    assert [row["path"] for row in json.loads(text)] == ["a, b.png", "c.png"]
    assert len(text.splitlines()) == 4


def test_a_failed_picture_is_neither_sure_nor_unsure() -> None:
    first, second = map(json.loads, rows.as_json_lines(TWO, 0.5))

    assert first["unsure"] is True
    assert "unsure" not in second
    assert second["error"] == {"type": "kind", "message": "why"}


def test_csv_quotes_what_needs_it() -> None:
    read = list(csv.DictReader(io.StringIO("".join(rows.as_csv(TWO, 0.5, rows.COLUMNS)))))

    assert read[0]["path"] == "a, b.png"
    assert read[0]["prediction_set"] == "text simple"
    assert (read[0]["unsure"], read[0]["error"]) == ("unsure", "")
    assert (read[1]["logo_type"], read[1]["error"]) == ("", "kind: why")


@pytest.mark.parametrize("write", [rows.as_csv, rows.as_tabs])
def test_explained_rows_end_with_the_summary(write: Callable[..., rows.Written]) -> None:
    explained = Answered("d.png", ANSWER | {"explanation": {"summary": "It fades."}})

    head, first, failed = write([explained, TWO[1]], 0.5, rows.EXPLAINED_COLUMNS)

    assert head.rstrip().endswith("explanation")
    assert first.rstrip().endswith("It fades.")
    assert "explanation" not in failed


def test_a_pattern_fills_in_fields_and_keeps_the_rest() -> None:
    lines = list(rows.as_pattern(TWO, 0.4, "%p=%l %c%% [%s] %m%u%e"))

    assert lines == ["a, b.png=text 0.457% [text simple] ensemble\n", "c.png= % [] kind: why\n"]


@pytest.mark.parametrize("pattern", ["%", "%%%", "%z", "%l %"])
def test_a_pattern_with_an_unknown_letter_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="is none of %p path"):
        rows.check_pattern(pattern)


def test_an_answer_at_the_threshold_is_sure() -> None:
    assert not rows.is_unsure(Answered("x", ANSWER | {"confidence": 0.5}), 0.5)
    assert rows.is_unsure(Answered("x", ANSWER | {"confidence": 0.4999}), 0.5)
