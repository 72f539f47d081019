"""Answers as JSON, read as if anyone could have written them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from logo_classifier.caching.codec import (
    LONGEST_RECORD_BYTES,
    BadRecord,
    read_classification,
    read_judgement,
    write_record,
)
from logo_classifier.values import Classification, Judgement
from tests.logo_classifier.pipeline.pipelines import CountingNetwork, answer, draw, pipeline

Reader = Callable[[bytes, str], Classification | Judgement]


@pytest.fixture
def result(tmp_path: Path) -> Classification:
    return answer(pipeline(CountingNetwork(tmp_path), 0.4), draw())


@pytest.fixture
def judgement(result: Classification) -> Judgement:
    return Judgement(result.features, result.verdict, result.image)


def test_an_answer_comes_back_exactly_as_it_was(result: Classification) -> None:
    again = read_classification(write_record(result), result.image.sha256)

    assert again == result
    assert again.to_dict() == result.to_dict()


def test_what_the_rules_found_comes_back_exactly_as_it_was(judgement: Judgement) -> None:
    assert read_judgement(write_record(judgement), judgement.image.sha256) == judgement


def test_an_answer_without_a_network_comes_back_too() -> None:
    result = answer(pipeline(None), draw(size=(80, 10)))

    assert read_classification(write_record(result), result.image.sha256) == result


def test_an_answer_about_another_picture_is_refused(result: Classification) -> None:
    with pytest.raises(BadRecord, match="another picture"):
        read_classification(write_record(result), "0" * 64)


GARBAGE = {
    "nothing": b"",
    "no text": b"\x80\x04\x95garbage",
    "no JSON": b"{'a': 1}",
    "another JSON": b"[1, 2, 3]",
    "null": b"null",
    "no fields": b"{}",
    "deep nesting": b"[" * 50_000,
    "a huge number": b"9" * 60_000,
    "too long": b" " * LONGEST_RECORD_BYTES + b"{}",
}


@pytest.mark.parametrize("read", [read_classification, read_judgement])
@pytest.mark.parametrize("data", GARBAGE.values(), ids=GARBAGE)
def test_garbage_is_refused(read: Reader, data: bytes) -> None:
    with pytest.raises(BadRecord):
        read(data, "0" * 64)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("verdict", None),
        ("verdict.logo_type", "logo"),
        ("verdict.logo_type", ["text"]),
        ("verdict.confidence", "0.9"),
        ("verdict.confidence", True),
        ("verdict.confidence", 1.5),
        ("verdict.confidence", -0.1),
        ("verdict.confidence", float("nan")),
        ("verdict.confidence", 10**400),
        ("verdict.raw_confidence", None),
        ("verdict.probabilities", {}),
        ("verdict.probabilities", {"simple": 1.0}),
        ("verdict.probabilities.simple", "much"),
        ("verdict.traits", []),
        ("verdict.traits.lettering", float("inf")),
        ("verdict.method", "oracle"),
        ("verdict.reasoning", 7),
        ("verdict.calibrated", 1),
        ("route.tier", "best"),
        ("route.method", None),
        ("route.reason", {}),
        ("features.values", {}),
        ("features.values", ["complexity"]),
        ("features.values.complexity", "high"),
        ("prediction_set", 3),
        ("prediction_set", ["logo"]),
        ("image.width", 1.5),
        ("image.height", -1),
        ("image.bytes", True),
        ("image.format", None),
        ("model_name", 1),
        ("prediction_set", []),
        ("route.tier", "degraded"),
        ("route.tier", "time_budget"),
        ("processing_time", "soon"),
        ("processing_time", 10**400),
        ("timestamp", 0),
        ("cached", "no"),
    ],
)
def test_a_value_of_a_wrong_type_or_range_is_refused(
    result: Classification, path: str, value: Any
) -> None:
    fields = json.loads(write_record(result))
    *parents, last = path.split(".")
    place = fields
    for name in parents:
        place = place[name]
    place[last] = value

    with pytest.raises(BadRecord):
        read_classification(json.dumps(fields).encode(), result.image.sha256)


def paths(fields: Any, *parents: str) -> Iterator[tuple[str, ...]]:
    """Yield the path of every field of a record, nested ones too."""
    if isinstance(fields, dict):
        for name, value in fields.items():
            yield (*parents, name)
            if parents != ("features",):  # which features there are is not the record's affair
                yield from paths(value, *parents, name)


def test_every_field_is_needed(result: Classification) -> None:
    record = write_record(result)

    for *parents, last in paths(json.loads(record)):
        fields = place = json.loads(record)
        for name in parents:
            place = place[name]
        del place[last]
        with pytest.raises(BadRecord):
            read_classification(json.dumps(fields).encode(), result.image.sha256)
