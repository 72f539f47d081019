"""Write answers as they come: JSON, JSON lines, CSV, a line of one's own, or tabs."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from typing import Any

from logo_classifier.cli.answering import Answered
from logo_classifier.cli.tables import printable

Written = Iterator[str]

COLUMNS = ("path", "logo_type", "confidence", "prediction_set", "method_used", "unsure", "error")
EXPLAINED_COLUMNS = (*COLUMNS, "explanation")

_LETTERS = {
    "p": "path",
    "l": "logo_type",
    "c": "confidence",
    "s": "prediction_set",
    "m": "method_used",
    "u": "unsure",
    "e": "error",
}
LETTERS = ", ".join(f"%{letter} {name}" for letter, name in _LETTERS.items())

_PLACE = re.compile(r"%(.?)")


def is_unsure(answered: Answered, threshold: float) -> bool:
    """Return whether a picture has an answer whose confidence is below the threshold."""
    return answered.error is None and answered.answer["confidence"] < threshold


def as_fields(answered: Answered, threshold: float) -> dict[str, str]:
    """Return the fields of a row as text; those that a failed picture lacks are empty."""
    if answered.error:
        fields = dict.fromkeys(EXPLAINED_COLUMNS, "")
        message = f"{answered.error['type']}: {answered.error['message']}"
        return fields | {"path": printable(answered.name), "error": printable(message)}
    answer = answered.answer
    return {
        "path": printable(answered.name),
        "logo_type": answer["logo_type"],
        "confidence": f"{answer['confidence']:.3f}",
        "prediction_set": " ".join(answer["prediction_set"]),
        "method_used": answer["method_used"],
        "unsure": "unsure" if is_unsure(answered, threshold) else "",
        "error": "",
        "explanation": answer.get("explanation", {}).get("summary", ""),
    }


def as_json(answers: Iterable[Answered], threshold: float) -> Written:
    """Yield one JSON array, an element a line."""
    before = "[\n"
    for answered in answers:
        yield before + _document(answered, threshold)
        before = ",\n"
    yield "\n]\n" if before == ",\n" else "[]\n"


def as_json_lines(answers: Iterable[Answered], threshold: float) -> Written:
    """Yield one JSON object a line."""
    for answered in answers:
        yield _document(answered, threshold) + "\n"


def as_csv(answers: Iterable[Answered], threshold: float, columns: Sequence[str]) -> Written:
    """Yield comma-separated values below a header (RFC 4180)."""
    yield _csv_line(columns)
    for answered in answers:
        fields = as_fields(answered, threshold)
        yield _csv_line(fields[name] for name in columns)


def as_tabs(answers: Iterable[Answered], threshold: float, columns: Sequence[str]) -> Written:
    """Yield values with tabs between them below a header."""
    yield "\t".join(columns) + "\n"
    for answered in answers:
        fields = as_fields(answered, threshold)
        yield "\t".join(fields[name] for name in columns) + "\n"


def as_pattern(answers: Iterable[Answered], threshold: float, pattern: str) -> Written:
    """Yield a line by a checked pattern such as `%p %l %c`."""
    for answered in answers:
        values = as_fields(answered, threshold)
        fields = {letter: values[name] for letter, name in _LETTERS.items()} | {"%": "%"}
        words = _PLACE.split(pattern)  # text and letters by turns
        words[1::2] = [fields[letter] for letter in words[1::2]]
        yield "".join(words) + "\n"


def check_pattern(pattern: str) -> None:
    """Raise ValueError with the known letters for a pattern that has others."""
    for letter in _PLACE.findall(pattern):
        if letter not in (*_LETTERS, "%"):
            raise ValueError(f"%{letter} is none of {LETTERS}, %% for a percent sign")


def _document(answered: Answered, threshold: float) -> str:
    row: dict[str, Any] = {"path": answered.name, **answered.answer}
    if not answered.error:
        row["unsure"] = is_unsure(answered, threshold)
    return json.dumps(row)


def _csv_line(values: Iterable[str]) -> str:
    line = StringIO()
    csv.writer(line, lineterminator="\n").writerow(values)
    return line.getvalue()
