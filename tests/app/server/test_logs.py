"""A log that nobody reads holds nobody up."""

from __future__ import annotations

import logging
import os
import subprocess
import sys

import pytest

from app.server.logs import QueuedHandler

PLAIN = logging.Formatter("%(message)s")
MANY = 30_000


@pytest.fixture
def pipe() -> tuple[int, int]:
    """Return a pipe that stays open: its writer may go on, and the number gets no other file."""
    return os.pipe()


def logger_of(handler: QueuedHandler) -> logging.Logger:
    made = logging.Logger("of one test")
    made.addHandler(handler)
    return made


def test_lines_arrive_as_they_were_logged(pipe: tuple[int, int]) -> None:
    handler = QueuedHandler(pipe[1], PLAIN)
    for text in ("first %s", "secönd %s", "\ud800 %s"):
        logger_of(handler).warning(text, "line")

    handler.flush()

    assert os.read(pipe[0], 4096).decode() == "first line\nsecönd line\n\\ud800 line\n"


def test_who_logs_does_not_wait_and_the_reader_learns_what_it_lost(pipe: tuple[int, int]) -> None:
    handler = QueuedHandler(pipe[1], PLAIN)
    logger = logger_of(handler)
    for number in range(MANY):
        logger.warning("line %s of the log", number)

    text = b""
    while b"dropped" not in text:
        text += os.read(pipe[0], 65536)

    assert b"line 0 of" in text
    assert b"lines of the log were dropped: its reader is too slow" in text


FORK = """
import logging, os, sys
from app.server.logs import QueuedHandler
handler = QueuedHandler(1, logging.Formatter("%(message)s"))
logger = logging.Logger("forked")
logger.addHandler(handler)
def drain():
    for _ in range(60):  # a flush gives up after a second, and a loaded machine may need more
        handler.flush()
logger.warning("of the parent")
drain()
if os.fork() == 0:
    logger.warning("of the child")
    drain()
    os._exit(0)
os.wait()
"""


def test_a_forked_process_writes_its_own_lines() -> None:
    done = subprocess.run(
        [sys.executable, "-c", FORK], capture_output=True, text=True, check=True, timeout=180
    )

    assert done.stdout == "of the parent\nof the child\n"


END = """
import logging, os
from app.server.logs import QueuedHandler
logging.basicConfig(handlers=[QueuedHandler(os.pipe()[1], logging.Formatter())])
for number in range(30000):
    logging.warning("a line that nobody reads")
"""


def test_a_process_ends_although_nobody_reads() -> None:
    subprocess.run([sys.executable, "-c", END], check=True, timeout=180)
