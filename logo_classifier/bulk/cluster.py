"""Share the shards of a job among the machines of a Ray cluster.

Ray Data deals out the numbers of shards, one a block and one a task; each actor holds a classifier
and writes whole parts into the job's folder, which all machines must see. So nothing depends on
Ray's own checkpoints: what Ray does again, because an actor or a machine was lost, writes the same
part once more, and a resume skips what is there, whichever engine wrote it.
"""

from __future__ import annotations

import importlib
import os
import socket
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from logo_classifier.bulk.refusals import BulkError
from logo_classifier.bulk.shards import Job, OnProgress, Progress, ShardWorker

_KNOCK_SECONDS = 10.0


class RayEngine:
    """As many actors as `workers`, None for one a processor of the cluster.

    `address` is that of a cluster; None means that which Ray finds by itself, or one on this
    machine alone, started for the job.
    """

    def __init__(
        self, job: Job, workers: int | None, on_progress: OnProgress, address: str | None = None
    ) -> None:
        self._job, self._workers, self._on_progress = job, workers, on_progress
        self._address = address
        self._done = 0

    def run(self, shards: Sequence[int]) -> None:
        """Answer shards; return when all parts are there.

        Raises BulkError if the cluster cannot be reached, has too few processors, or if a worker
        fails for a reason that would come again.
        """
        if not shards:
            return
        with _connected(self._address) as ray:
            for number, counts in self._answers(ray, shards):
                if not self._job.part(number).exists():
                    raise BulkError(
                        f"a worker wrote a part that is not in {self._job.folder}: all machines "
                        "must see this folder under this path"
                    )
                self._tell(Counter(counts))

    def _answers(self, ray: Any, shards: Sequence[int]) -> Iterator[tuple[int, dict[str, int]]]:
        """Yield each shard once, with its counts, when its part is there."""
        actors = min(self._actors(ray), len(shards))
        data = importlib.import_module("ray.data")
        data.DataContext.get_current().enable_progress_bars = False
        # One block a shard: fewer blocks would give all work to one actor, and lose more at a time.
        # The items are in the driver, so that no task of reading waits for a processor.
        numbers = data.from_items(list(shards), override_num_blocks=len(shards))
        answered = numbers.map_batches(
            _ShardActor,
            batch_size=1,
            batch_format="numpy",
            compute=data.ActorPoolStrategy(size=actors),
            num_cpus=1,
            fn_constructor_args=(self._job,),
        )
        told: set[int] = set()
        try:
            for row in answered.iter_rows():
                if row["shard"] not in told:
                    told.add(row["shard"])
                    yield row["shard"], row["counts"]
        except ray.exceptions.RayError as error:
            raise BulkError(f"Ray gave up: {_reason(error)}") from error

    def _actors(self, ray: Any) -> int:
        """Return the number of actors; Ray would wait without a word for processors it has not."""
        there = int(ray.cluster_resources().get("CPU", 0))
        wanted = self._workers or there
        if not 1 <= wanted <= there:
            raise BulkError(
                f"{wanted} workers need a processor each, and Ray's machines have {there}: ask for "
                "fewer with --workers"
            )
        return wanted

    def _tell(self, counts: Counter[str]) -> None:
        self._done += sum(number for kind, number in counts.items() if kind != "reduced")
        self._on_progress(Progress(self._done, counts))


class _ShardActor:
    """A process of Ray with a classifier; it gets all it needs to know as arguments."""

    def __init__(self, job: Job) -> None:
        self._worker = ShardWorker(job)

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        numbers = [int(number) for number in batch["item"]]
        counts = [dict(self._worker.answer(number, lambda place: None)) for number in numbers]
        return {"shard": numbers, "counts": counts}


@contextmanager
def _connected(address: str | None) -> Iterator[Any]:
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # it would report to its makers
    try:
        ray = importlib.import_module("ray")
        importlib.import_module("ray.data")
    except ImportError as error:
        raise BulkError("--engine ray needs Ray: pip install 'logo-classifier[ray]'") from error
    if address and ":" in address:
        _knock(address)
    try:
        ray.init(address=address, include_dashboard=False, logging_level="WARNING")
    except (OSError, ValueError, RuntimeError) as error:  # ConnectionError is an OSError
        raise BulkError(f"the Ray cluster cannot be reached: {error}") from error
    try:
        yield ray
    finally:
        ray.shutdown()


def _knock(address: str) -> None:
    """Raise BulkError for an address at which nobody listens: Ray itself tries for many minutes."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    try:
        socket.create_connection((host, int(port)), _KNOCK_SECONDS).close()
    except (OSError, ValueError, OverflowError) as error:
        raise BulkError(f"the Ray cluster at {address} cannot be reached: {error}") from error


def _reason(error: Exception) -> str:
    cause = getattr(error, "cause", None) or error.__cause__ or error
    return str(cause).strip().splitlines()[-1]
