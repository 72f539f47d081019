"""The threads that share batches stay, and a fork has its own."""

from __future__ import annotations

import os

from logo_classifier.pipeline.desk import BatchThreads


def test_threads_are_made_once() -> None:
    threads = BatchThreads(2)

    assert threads.pool() is threads.pool()


def test_a_fork_has_threads_of_its_own() -> None:
    threads = BatchThreads(2)
    assert threads.pool().submit(os.getpid).result() == os.getpid()
    child = os.fork()
    if child == 0:
        os._exit(0 if threads.pool().submit(os.getpid).result(10) == os.getpid() else 1)

    assert os.waitpid(child, 0)[1] == 0
