"""Deal the pictures of a job into shards, once; every engine and every resume works by this plan.

A picture belongs to the shard that the hash of its name says, so the same picture listed twice
meets itself there and is answered once. Memory is bounded by a buffer, not by the number of
pictures.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from logo_classifier.bulk.folders import sync

PLAN = "plan"

_BUFFERED = 100_000
"""Names that wait in memory before they are written to their shards."""

_SHARDS_OF_A_SMALL_JOB = 64
_FEWEST_PICTURES = 50
"""In a small job a shard may have fewer pictures than asked for, so that all workers have some."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The number of pictures and shards, and how often a picture was listed once more."""

    pictures: int
    shards: int
    repeated: int = 0


@dataclass(frozen=True, slots=True)
class Rows:
    """A shard of a table that holds the pictures themselves: rows `start` to `stop`."""

    start: int
    stop: int


def plan_names(names: Iterable[str], job: Path, per_shard: int) -> Plan:
    """Write the plan of named pictures into the folder of a job; it appears whole or not at all."""
    draft = _clear(job)
    spool = draft / "names"
    listed = _spool(names, spool)
    shards = _shards_for(listed, per_shard)
    with open(spool, encoding="utf-8") as lines:
        while buffered := list(islice(lines, _BUFFERED)):
            _deal(buffered, draft, shards)
    spool.unlink()
    pictures = sum(_settle(draft, number) for number in range(shards))
    return _publish(draft, Plan(pictures, shards, listed - pictures))


def plan_rows(count: int, job: Path, per_shard: int) -> Plan:
    """Write the plan of a table of pictures: neighbours share a shard, since they are read so."""
    draft = _clear(job)
    size = max(1, -(-count // _shards_for(count, per_shard)))
    starts = range(0, count, size)
    for number, start in enumerate(starts):
        rows = {"start": start, "stop": min(count, start + size)}
        _shard(draft, number).write_text(json.dumps(rows) + "\n", "utf-8")
    return _publish(draft, Plan(count, len(starts)))


def read_shard(job: Path, number: int) -> list[str] | Rows:
    """Return the names of a shard's pictures in order, or its rows."""
    lines = list(_lines(_shard(job / PLAN, number)))
    if len(lines) == 1 and isinstance(lines[0], dict):
        return Rows(**lines[0])
    return [str(line) for line in lines]


def shard_of(name: str, shards: int) -> int:
    """Return the number of the shard that a name belongs to."""
    digest = hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest) % shards


def _shards_for(pictures: int, per_shard: int) -> int:
    """Return the number of shards, so that the last ones keep few workers waiting."""
    several = min(_SHARDS_OF_A_SMALL_JOB, pictures // _FEWEST_PICTURES)
    return max(1, several, -(-pictures // per_shard))


def _clear(job: Path) -> Path:
    draft = job / f".{PLAN}"
    for left in (draft, job / PLAN):
        if left.exists():
            shutil.rmtree(left)
    draft.mkdir()
    return draft


def _publish(draft: Path, plan: Plan) -> Plan:
    os.sync()  # one for all shards: a plan may have a hundred thousand
    draft.rename(draft.with_name(PLAN))
    sync(draft.parent)
    return plan


def _spool(names: Iterable[str], spool: Path) -> int:
    count = 0
    with open(spool, "w", encoding="utf-8") as file:
        for count, name in enumerate(names, 1):  # noqa: B007 - it is returned
            file.write(json.dumps(name) + "\n")
    return count


def _deal(lines: Iterable[str], draft: Path, shards: int) -> None:
    dealt: dict[int, list[str]] = defaultdict(list)
    for line in lines:
        dealt[shard_of(json.loads(line), shards)].append(line)
    for number, several in dealt.items():
        with open(_shard(draft, number), "a", encoding="utf-8") as file:
            file.writelines(several)


def _settle(draft: Path, number: int) -> int:
    """Write a shard in order and without repetitions; return its number of pictures."""
    place = _shard(draft, number)
    names = sorted(set(map(str, _lines(place)))) if place.exists() else []
    place.write_text("".join(json.dumps(name) + "\n" for name in names), "utf-8")
    return len(names)


def _shard(folder: Path, number: int) -> Path:
    return folder / f"shard-{number:06}.jsonl"


def _lines(place: Path) -> Iterator[object]:
    with open(place, encoding="utf-8") as lines:
        yield from map(json.loads, lines)
