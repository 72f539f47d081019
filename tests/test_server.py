"""What the Gunicorn worker sets before it serves; how it serves is seen in tests/e2e."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ARENAS_OF_16_THREADS = """
import ctypes, sys, threading
from app.server import bound_malloc_arenas

if sys.argv[1] == "bounded":
    bound_malloc_arenas()
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


def arenas(bound: str) -> int:
    done = subprocess.run(
        [sys.executable, "-c", ARENAS_OF_16_THREADS, bound],
        cwd=Path(__file__).parents[1],
        check=True,
        capture_output=True,
        text=True,
    )
    return len(re.findall("<heap nr=", done.stdout))


def test_threads_share_two_arenas_of_memory() -> None:
    assert arenas("unbounded") > 2
    assert arenas("bounded") <= 2
