"""Write answers as JSON for a store that others can write to as well, and read them warily."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields
from enum import StrEnum
from typing import Any, TypeVar

from app.classification.types import (
    Classification,
    Features,
    ImageFacts,
    Judgement,
    LogoType,
    Method,
    Route,
    Tier,
    Trait,
    Verdict,
)

LONGEST_RECORD_BYTES = 64 * 1024
"""Far above what an answer takes; anything longer is none and not worth parsing."""

_DAMAGE = (
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)

Name = TypeVar("Name", bound=StrEnum)
Record = TypeVar("Record")


class BadRecord(ValueError):
    """Refuse stored bytes that are not an answer to the picture asked about."""


def write_record(record: Classification | Judgement) -> bytes:
    """Return the record as JSON, every number exact."""
    return json.dumps(record, default=_parts, allow_nan=False).encode()


def _parts(value: Any) -> dict[str, Any]:
    return {part.name: getattr(value, part.name) for part in fields(value)}


def read_classification(data: bytes, sha256: str) -> Classification:
    """Return the answer for the picture of that digest; raise BadRecord for anything else."""
    return _read(data, sha256, _classification)


def read_judgement(data: bytes, sha256: str) -> Judgement:
    """Return the rules' findings on the picture of that digest; raise BadRecord otherwise."""
    return _read(data, sha256, _judgement)


def _read(data: bytes, sha256: str, build: Callable[[dict[str, Any]], Record]) -> Record:
    if len(data) > LONGEST_RECORD_BYTES:
        raise BadRecord(f"a record has at most {LONGEST_RECORD_BYTES} bytes, not {len(data)}")
    try:
        found = json.loads(data)
        if found["image"]["sha256"] != sha256:
            raise BadRecord("the record is about another picture")
        return build(found)
    except _DAMAGE as error:
        raise BadRecord(f"the record is damaged: {error!r}") from error


def _classification(found: dict[str, Any]) -> Classification:
    verdict = _verdict(found["verdict"])
    prediction_set = tuple(LogoType(name) for name in found["prediction_set"])
    if verdict.logo_type not in prediction_set:
        raise BadRecord(f"{verdict.logo_type} is not among {list(prediction_set)}")
    return Classification(
        verdict=verdict,
        route=_route(found["route"]),
        features=_features(found["features"]),
        prediction_set=prediction_set,
        image=_image(found["image"]),
        model_name=_text_or_none(found["model_name"]),
        model_version=_text_or_none(found["model_version"]),
        processing_time=_number(found["processing_time"], float("inf")),
        timestamp=_text(found["timestamp"]),
        cached=_switch(found["cached"]),
    )


def _route(found: dict[str, Any]) -> Route:
    route = Route(Tier(found["tier"]), Method(found["method"]), _text(found["reason"]))
    if route.reduced:
        raise BadRecord(f"an answer of the tier {route.tier} is never stored")
    return route


def _judgement(found: dict[str, Any]) -> Judgement:
    return Judgement(
        features=_features(found["features"]),
        verdict=_verdict(found["verdict"]),
        image=_image(found["image"]),
    )


def _verdict(found: dict[str, Any]) -> Verdict:
    return Verdict(
        logo_type=LogoType(found["logo_type"]),
        confidence=_number(found["confidence"]),
        probabilities=_shares(found["probabilities"], LogoType),
        traits=_shares(found["traits"], Trait),
        method=Method(found["method"]),
        reasoning=_text(found["reasoning"]),
        raw_confidence=_number(found["raw_confidence"]),
        calibrated=_switch(found["calibrated"]),
    )


def _features(found: dict[str, Any]) -> Features:
    features = Features({name: _number(value) for name, value in found["values"].items()})
    _number(features.complexity)  # what the router looks at must be there
    return features


def _image(found: dict[str, Any]) -> ImageFacts:
    return ImageFacts(
        format=_text(found["format"]),
        width=_count(found["width"]),
        height=_count(found["height"]),
        bytes=_count(found["bytes"]),
        sha256=_text(found["sha256"]),
    )


def _shares(found: dict[str, Any], names: type[Name]) -> dict[Name, float]:
    if len(found) != len(names):
        raise BadRecord(f"{list(found)} are not the names expected")
    return {names(name): _number(value) for name, value in found.items()}


def _number(value: object, highest: float = 1.0) -> float:
    # 1 may come out of a sum of rounded shares as a little more.
    if type(value) not in (int, float) or not 0 <= value <= highest + 1e-9:  # type: ignore[operator]
        raise BadRecord(f"{value!r} is not a number from 0 to {highest}")
    return float(value)  # type: ignore[arg-type]


def _count(value: object) -> int:
    if type(value) is not int or value < 0:
        raise BadRecord(f"{value!r} is not a count")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise BadRecord(f"{value!r} is not a text")
    return value


def _text_or_none(value: object) -> str | None:
    return None if value is None else _text(value)


def _switch(value: object) -> bool:
    if not isinstance(value, bool):
        raise BadRecord(f"{value!r} is neither true nor false")
    return value
