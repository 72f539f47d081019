"""Answer one shard and write its part: what each engine calls, in whatever process."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import cv2

from logo_classifier import ClassifierError, HybridClassifier, Limits
from logo_classifier.bulk.plan import Rows, read_shard
from logo_classifier.bulk.refusals import BulkError
from logo_classifier.bulk.remote import is_remote, read_remote
from logo_classifier.bulk.rows import Row, make_row, write_part
from logo_classifier.bulk.settings import Settings
from logo_classifier.bulk.sources import Source, open_file
from logo_classifier.bulk.tables import pictures_of

PARTS = "parts"

_FETCHED_AHEAD = 8
"""Pictures that are fetched from afar while one is classified; each has a thread."""

DIED = {"type": "worker_died", "message": "the process that read this picture ended, twice"}

Pictures = Iterator[tuple[str, Any]]


@dataclass(frozen=True, slots=True)
class Job:
    """All that a worker needs to know; `folder` is the job's, seen by all workers alike."""

    folder: Path
    source: Source
    settings: Settings

    def part(self, number: int) -> Path:
        """Return the place of a shard's part."""
        return self.folder / PARTS / f"part-{number:06}.{self.settings.format}"


@dataclass(frozen=True, slots=True)
class Progress:
    """Pictures answered so far, and counts of the shards that were finished since the last one."""

    pictures: int
    finished: Counter[str]


OnProgress = Callable[[Progress], None]


class ShardWorker:
    """A classifier with one inference thread that answers shards.

    Raises BulkError if the model does not load, or is not the one that the job began with: half
    a job by another model, or by the rules alone, would look like a whole one.
    """

    def __init__(self, job: Job) -> None:
        cv2.setNumThreads(1)  # the shards are what is shared among processors
        self._job = job
        self._limits = Limits(formats=job.settings.formats)
        self._classifier = HybridClassifier(
            job.settings.model.locate(), enable_caching=False, limits=self._limits, batch_threads=1
        )
        if why := self._classifier.get_model_info()["error"]:
            raise BulkError(f"the model does not load: {why}")

    def answer(
        self, number: int, on_picture: Callable[[int], None], condemned: Collection[int] = ()
    ) -> Counter[str]:
        """Write the part of a shard; return counts of types, of `failed` and of `reduced`.

        `on_picture` is called with the place of each picture before it is classified, and with the
        number of pictures at the end. `condemned` places get an error row unread.
        """
        rows = []
        for place, (name, picture) in enumerate(
            self._pictures(read_shard(self._job.folder, number))
        ):
            on_picture(place)
            rows.append(self._row(name, picture, place in condemned))
        on_picture(len(rows))
        write_part(rows, self._job.part(number), self._job.settings.format)
        return count(rows)

    def _row(self, name: str, picture: Any, condemned: bool) -> Row:
        if condemned:
            return make_row(name, {"error": DIED})
        if isinstance(picture, ClassifierError):
            return make_row(name, {"error": {"type": picture.kind, "message": str(picture)}})
        answer = self._classifier.classify_safe(picture, method=self._job.settings.method)
        return make_row(name, answer)

    def _pictures(self, shard: list[str] | Rows) -> Pictures:
        if isinstance(shard, Rows):
            return self._from_table(shard)
        if any(map(is_remote, shard)):
            return self._fetched(shard)
        return ((name, name) for name in shard)

    def _from_table(self, rows: Rows) -> Pictures:
        source = self._job.source
        with open_file(source.place) as file:
            pictures = pictures_of(file, source.column or "", rows.start, rows.stop)
            for number, data in enumerate(pictures, rows.start):
                yield f"{source.place}#{number}", data

    def _fetched(self, names: list[str]) -> Pictures:
        """Yield pictures from afar in order, a few of them fetched while one is classified."""
        with ThreadPoolExecutor(_FETCHED_AHEAD) as pool:
            remaining = iter(names)
            ahead: list[tuple[str, Future[Any]]] = [
                (name, pool.submit(self._fetch, name)) for name in islice(remaining, _FETCHED_AHEAD)
            ]
            while ahead:
                name, fetched = ahead.pop(0)
                yield name, fetched.result()
                ahead += [(name, pool.submit(self._fetch, name)) for name in islice(remaining, 1)]

    def _fetch(self, name: str) -> Any:
        if not is_remote(name):
            return name
        try:
            return read_remote(name, self._limits.max_bytes)
        except BulkError:  # a package is missing: no picture can be read
            raise
        except ClassifierError as error:
            return error


def count(rows: list[Row]) -> Counter[str]:
    """Return the numbers of rows by type; `failed` have none, `reduced` had no network."""
    counts: Counter[str] = Counter(row["logo_type"] or "failed" for row in rows)
    if reduced := sum(row["tier"] == "degraded" for row in rows):
        counts["reduced"] = reduced
    return counts
