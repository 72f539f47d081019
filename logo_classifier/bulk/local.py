"""Share the shards of a job among processes of this machine.

A worker that dies, by a signal, by the kernel for want of memory or in a decoder, is replaced, and
its shard is answered again. The picture that was at hand at two deaths gets an error row.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import traceback
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess

from logo_classifier import ClassifierError
from logo_classifier.bulk.refusals import BulkError
from logo_classifier.bulk.shards import Job, OnProgress, Progress, ShardWorker

_LOOK_SECONDS = 1.0
_MOST_EARLY_DEATHS = 3
"""Workers that may die without having answered: more mean that none will."""

_MOST_DEATHS_AT_A_PICTURE = 2


@dataclass(slots=True)
class _Worker:
    process: SpawnProcess
    pipe: Connection
    shard: int | None = None
    place: int = 0


class LocalEngine:
    """As many processes as `workers`; each has a classifier of its own and one shard at a time."""

    def __init__(self, job: Job, workers: int, on_progress: OnProgress) -> None:
        self._job, self._count, self._on_progress = job, workers, on_progress
        self._workers: list[_Worker] = []
        self._waiting: deque[int] = deque()
        self._deaths: Counter[tuple[int, int]] = Counter()
        self._early_deaths = 0
        self._pictures = 0

    def run(self, shards: Iterable[int]) -> None:
        """Answer shards; return when all parts are there. Raises BulkError if no worker lives.

        Whatever ends this call, Ctrl-C included, ends the workers too; parts that are there stay.
        """
        self._waiting.extend(shards)
        try:
            for _ in range(min(self._count, len(self._waiting))):
                self._start()
            while self._workers:
                pipes = {worker.pipe: worker for worker in self._workers}
                for ready in wait(list(pipes), _LOOK_SECONDS):
                    self._hear(pipes[ready])  # type: ignore[index]
                self._on_progress(Progress(self._done(), Counter()))
        finally:
            self._end()

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(self._job, theirs), daemon=True)
        with _without_interrupts():
            process.start()
        theirs.close()
        self._workers.append(_Worker(process, ours))

    def _hear(self, worker: _Worker) -> None:
        """Take what a worker says: that it is ready, where it is, what it finished, what failed."""
        try:
            said = worker.pipe.recv()
        except (EOFError, OSError):
            self._bury(worker)
            return
        if isinstance(said, int):
            worker.place = said
        elif isinstance(said, str):
            raise BulkError(said)
        else:
            self._early_deaths = 0
            if said is not None:
                self._pictures += worker.place
                self._on_progress(Progress(self._done() - worker.place, said))
            self._give(worker)

    def _give(self, worker: _Worker) -> None:
        """Give a worker the next shard, or let it go."""
        worker.shard, worker.place = None, 0
        if not self._waiting:
            self._let_go(worker)
            return
        worker.shard = self._waiting.popleft()
        deadly = {
            place
            for (shard, place), deaths in self._deaths.items()
            if shard == worker.shard and deaths >= _MOST_DEATHS_AT_A_PICTURE
        }
        try:
            worker.pipe.send((worker.shard, deadly))
        except OSError:
            self._bury(worker)

    def _bury(self, worker: _Worker) -> None:
        """Put the shard of a dead worker back, and start another one in its place."""
        self._let_go(worker)
        if worker.shard is None:
            self._early_deaths += 1
            if self._early_deaths >= _MOST_EARLY_DEATHS:
                raise BulkError(
                    f"{self._early_deaths} workers ended before their first picture, the last with "
                    f"status {worker.process.exitcode}; is there memory enough for --workers?"
                )
        else:
            self._deaths[worker.shard, worker.place] += 1
            self._waiting.appendleft(worker.shard)
        if self._waiting:
            self._start()

    def _let_go(self, worker: _Worker) -> None:
        worker.pipe.close()
        worker.process.join()
        self._workers.remove(worker)

    def _done(self) -> int:
        return self._pictures + sum(worker.place for worker in self._workers)

    def _end(self) -> None:
        for worker in self._workers:
            worker.process.terminate()
        for worker in self._workers:
            worker.process.join()
            worker.pipe.close()
        self._workers.clear()


def processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Start processes that Ctrl-C does not reach: the master ends them.

    A terminal sends the signal to all processes; a blocked signal stays blocked in those started.
    """
    resource_tracker.ensure_running()  # it unblocks the signal when it starts
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(job: Job, pipe: Connection) -> None:
    """Answer the shards that come through the pipe until it is closed."""
    threading.Thread(target=_end_with_the_master, daemon=True).start()
    try:
        worker = ShardWorker(job)
        pipe.send(None)
        while True:
            number, condemned = pipe.recv()
            pipe.send(worker.answer(number, pipe.send, condemned))
    except (EOFError, BrokenPipeError, ConnectionResetError):  # the master needs no more
        return
    except (ClassifierError, OSError) as error:
        pipe.send(str(error))
    except Exception:  # any: the master would only see that the worker is gone, and start another
        pipe.send(f"a worker failed: {traceback.format_exc()}")
        raise


def _end_with_the_master() -> None:
    """End this process when the master is gone, however it went: nobody would stop it."""
    master = multiprocessing.parent_process()
    if master is not None:
        master.join()
        os._exit(1)
