"""What the master sets before its workers serve; how they serve is seen in tests/e2e."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import Mock

import pytest
from gunicorn.workers.gthread import ThreadWorker

from app.api import create_app
from app.api.admission import Room
from app.classification import HybridClassifier
from app.config import Settings
from app.server import BoundedThreadWorker

ARENAS_OF_16_THREADS = """
import ctypes, sys, threading
from app.server import set_up_malloc

if sys.argv[1] == "set up":
    set_up_malloc()
together = threading.Barrier(17)
libc = ctypes.CDLL(None)
libc.malloc.restype = libc.fopen.restype = ctypes.c_void_p

def hold():
    libc.malloc(ctypes.c_size_t(1000))
    together.wait()
    together.wait()

for _ in range(16):
    threading.Thread(target=hold).start()
together.wait()
file = ctypes.c_void_p(libc.fopen(b"/dev/stdout", b"w"))
libc.malloc_info(0, file)
libc.fclose(file)
together.wait()
"""

FAULTS_OF_FIVE_STEPS = """
import ctypes, resource, sys
from app.server import set_up_malloc

if sys.argv[1] == "set up":
    set_up_malloc()
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
channels = [ctypes.c_void_p() for _ in range(4)]

def step():
    for channel in channels:
        channel.value = libc.malloc(ctypes.c_size_t(2**20))
        ctypes.memset(channel, 1, 2**20)
    for channel in channels:
        libc.free(channel)

step()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(5):
    step()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def output(program: str, malloc: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program, malloc],
        cwd=Path(__file__).parents[1],
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout


def arenas(malloc: str) -> int:
    return len(re.findall("<heap nr=", output(ARENAS_OF_16_THREADS, malloc)))


def test_threads_share_two_arenas_of_memory() -> None:
    assert arenas("as it is") > 2
    assert arenas("set up") <= 2


def test_memory_of_pictures_is_not_given_back_and_cleared_again_between_steps() -> None:
    assert int(output(FAULTS_OF_FIVE_STEPS, "as it is")) > 1000
    assert int(output(FAULTS_OF_FIVE_STEPS, "set up")) < 100


@pytest.mark.parametrize(("workers", "waits"), [(1, []), (2, [0.002])])
def test_a_worker_with_pictures_in_work_leaves_connections_to_siblings_if_it_has_any(
    workers: int, waits: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    monkeypatch.setattr(Room, "wait_until_empty", lambda _room, seconds: waited.append(seconds))
    accepted = Mock()
    monkeypatch.setattr(ThreadWorker, "accept", accepted)
    app = create_app(Settings(), Mock(spec=HybridClassifier))
    worker = object.__new__(BoundedThreadWorker)
    worker.cfg, worker.wsgi = SimpleNamespace(workers=workers), app
    # Open connections are no work: they may be silent or slow.
    worker._began_seconds = dict.fromkeys(range(20), 0.0)

    worker.accept(Mock())
    with app.extensions["logo"].admission.pictures(2):
        worker.accept(Mock())

    assert waited == waits
    assert accepted.call_count == 2
