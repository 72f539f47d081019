"""Begin, resume and finish a batch job in a folder, and tell how far one is."""

from __future__ import annotations

import fcntl
import hashlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from logo_classifier.bulk.folders import sweep
from logo_classifier.bulk.manifest import MANIFEST, Manifest
from logo_classifier.bulk.plan import PLAN, plan_names, plan_rows
from logo_classifier.bulk.refusals import BulkError
from logo_classifier.bulk.rows import read_part
from logo_classifier.bulk.settings import Settings
from logo_classifier.bulk.shards import PARTS, Job, count
from logo_classifier.bulk.sources import Source, names_of, open_file
from logo_classifier.bulk.tables import count_rows, need_pyarrow

_LOCK = ".lock"


@dataclass(frozen=True, slots=True)
class Status:
    """How far a job is: shards with a part, of all; counts of the rows in these parts."""

    manifest: Manifest
    finished: frozenset[int]
    counts: Counter[str]

    @property
    def complete(self) -> bool:
        """Return whether every shard has its part."""
        return len(self.finished) == self.manifest.plan.shards

    @property
    def pictures(self) -> int:
        """Return the number of rows that are there."""
        return sum(number for kind, number in self.counts.items() if kind != "reduced")


@contextmanager
def opened_job(folder: Path, source: Source, settings: Settings) -> Iterator[Job]:
    """Begin a job in a folder, or resume the one that is there, and keep others out of it.

    Raises BulkError for a folder with anything else, with a job that was asked for something
    else, or in which another process works.
    """
    if settings.format == "parquet" or source.kind in ("parquet", "bytes"):
        need_pyarrow("pyarrow.parquet")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BulkError(f"{folder} cannot be made: {error.strerror}") from error
    with _alone(folder):
        sweep(folder)
        begun = Manifest.read(folder)
        if begun:
            begun.check_same(folder, settings, source)
        else:
            _begin(folder, source, settings)
        sweep(folder / PARTS)
        yield Job(folder, source, settings)


def finish(job: Job) -> Status:
    """Write counts and digests of the parts into the manifest, if all are there."""
    status = read_status(job.folder)
    if not status.complete:
        return status
    manifest = status.manifest
    parts = [job.part(number) for number in range(manifest.plan.shards)]
    digests = {part.name: _digest(part) for part in parts}
    if digests != manifest.parts:
        manifest.finished, manifest.parts = _now(), digests
        manifest.counts = {"pictures": status.pictures, **status.counts}
        manifest.write(job.folder)
    return status


def unfinished(job: Job) -> list[int]:
    """Return the shards without a part."""
    manifest = _manifest(job.folder)
    there = parts_of(job.folder, manifest)
    return [number for number in range(manifest.plan.shards) if number not in there]


def read_status(folder: Path) -> Status:
    """Return how far a job is, from its parts; raise BulkError if the folder holds none."""
    manifest = _manifest(folder)
    parts = parts_of(folder, manifest)
    counts: Counter[str] = Counter()
    for part in parts.values():
        counts += count(list(read_part(part, ("logo_type", "tier"))))
    return Status(manifest, frozenset(parts), counts)


def rows_of(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield the rows that a job has so far; each picture comes once."""
    for _, part in sorted(parts_of(folder, _manifest(folder)).items()):
        yield from read_part(part)


def parts_of(folder: Path, manifest: Manifest) -> dict[int, Path]:
    """Return the parts that are there, by the numbers of their shards."""
    form = manifest.settings["format"]
    return {int(p.stem.removeprefix("part-")): p for p in (folder / PARTS).glob(f"part-*.{form}")}


def _manifest(folder: Path) -> Manifest:
    manifest = Manifest.read(folder)
    if manifest is None:
        raise BulkError(f"{folder} holds no batch job: it has no {MANIFEST}")
    return manifest


def _begin(folder: Path, source: Source, settings: Settings) -> None:
    known = {_LOCK, PARTS, PLAN, f".{PLAN}"}
    others = sorted(p.name for p in folder.iterdir() if p.name not in known)
    if others:
        raise BulkError(f"{folder} holds other files, as {others[0]!r}: name a new folder")
    (folder / PARTS).mkdir(exist_ok=True)
    if source.kind == "bytes":
        with open_file(source.place) as file:
            plan = plan_rows(count_rows(file), folder, settings.pictures_per_shard)
    else:
        plan = plan_names(names_of(source), folder, settings.pictures_per_shard)
    if not plan.pictures:
        below = "" if source.recursive or source.kind != "folder" else "; -r looks below it, too"
        raise BulkError(f"there is no picture in {source.place}{below}")
    Manifest(settings.to_dict(), asdict(source), plan, _now()).write(folder)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the lock of a job; the kernel lets it go when this process ends, however it ends."""
    with open(folder / _LOCK, "w", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BulkError(f"another process works in {folder}: wait for it, or end it") from error
        yield


def _digest(part: Path) -> str:
    with open(part, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
