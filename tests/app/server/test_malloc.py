"""What the master sets of malloc before its workers serve."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ARENAS_OF_16_THREADS = """
import ctypes, sys, threading
from app.server.malloc import set_up_malloc

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
from app.server.malloc import set_up_malloc

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
        cwd=Path(__file__).parents[3],
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
