"""Serialise answers as JSON, and validate what is read: others can write to the store too."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from logo_classifier.values import Classification, Judgement, LogoType, Trait, Verdict

LONGEST_RECORD_BYTES = 64 * 1024
"""Far above the size of an answer. A longer record is not an answer and is not parsed."""

Record = TypeVar("Record", Classification, Judgement)

_DAMAGE = (msgspec.MsgspecError, LookupError, RecursionError, ValueError)


class BadRecord(ValueError):
    """Stored bytes that are not an answer for the requested picture."""


def write_record(record: Classification | Judgement) -> bytes:
    """Return the record as JSON; numbers are exact."""
    return msgspec.json.encode(record)


def read_classification(data: bytes, sha256: str) -> Classification:
    """Return the answer for the picture with this digest; raise BadRecord for anything else."""
    found = _read(data, sha256, Classification)
    if found.route.reduced:
        raise BadRecord(f"an answer of the tier {found.route.tier} is never stored")
    if found.verdict.logo_type not in found.prediction_set:
        raise BadRecord(f"{found.verdict.logo_type} is not among {list(found.prediction_set)}")
    return found


def read_judgement(data: bytes, sha256: str) -> Judgement:
    """Return the judgement of the picture with this digest; raise BadRecord for anything else."""
    return _read(data, sha256, Judgement)


def _read(data: bytes, sha256: str, kind: type[Record]) -> Record:
    if len(data) > LONGEST_RECORD_BYTES:
        raise BadRecord(f"a record has at most {LONGEST_RECORD_BYTES} bytes, not {len(data)}")
    try:
        found = msgspec.json.decode(data, type=kind)
        _ = found.features.complexity  # the router needs it
    except _DAMAGE as error:
        raise BadRecord(f"the record is damaged: {error!r}") from error
    if found.image.sha256 != sha256:
        raise BadRecord("the record is about another picture")
    _require_all_names(found.verdict)
    return found


def _require_all_names(verdict: Verdict) -> None:
    # The types check that every name is known, not that every known name is present.
    if len(verdict.probabilities) != len(LogoType) or len(verdict.traits) != len(Trait):
        raise BadRecord(f"{list(verdict.probabilities)} and {list(verdict.traits)} leave names out")
