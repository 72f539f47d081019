"""Log lines that wait for nobody: a reader that stops costs lines and no request."""

from __future__ import annotations

import logging
import os
from contextlib import suppress
from functools import cache
from queue import Full, Queue
from threading import Thread
from typing import Any

from gunicorn.glogging import Logger

_MOST_LINES = 10_000
"""Lines that wait for the reader at most; what comes then is dropped."""

_FLUSH_SECONDS = 1.0


class LineWriter:
    """A bounded queue of lines before a file descriptor, and the thread that writes them.

    A write to a pipe that nobody reads never ends. In a worker it would hold all requests. A
    forked process has a queue and a thread of its own.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._start()
        os.register_at_fork(after_in_child=self._start)

    def write(self, line: str) -> None:
        """Put a line in the queue, or drop it if the queue is full."""
        try:
            self._lines.put_nowait(line)
        except Full:
            self._dropped += 1

    def flush(self) -> None:
        """Wait until all lines are written, for a second at most."""
        lines = self._lines
        with lines.all_tasks_done:
            lines.all_tasks_done.wait_for(lambda: not lines.unfinished_tasks, _FLUSH_SECONDS)

    def _start(self) -> None:
        self._lines = Queue[str](_MOST_LINES)
        self._dropped = 0
        Thread(target=self._write_all, args=[self._lines], name="log", daemon=True).start()

    def _write_all(self, lines: Queue[str]) -> None:
        while True:
            text = lines.get()
            if self._dropped:
                text += f"{self._dropped} lines of the log were dropped: its reader is too slow\n"
                self._dropped = 0
            data = text.encode(errors="backslashreplace")
            with suppress(OSError):  # nobody reads any more
                while data:
                    data = data[os.write(self._descriptor, data) :]
            lines.task_done()


class QueuedHandler(logging.Handler):
    """A handler that formats a record at once and leaves the writing to a LineWriter."""

    def __init__(self, descriptor: int, formatter: logging.Formatter) -> None:
        super().__init__()
        self._writer = _writer(descriptor)
        self.setFormatter(formatter)

    def emit(self, record: logging.LogRecord) -> None:
        """Queue a record."""
        self._writer.write(self.format(record) + "\n")

    def flush(self) -> None:
        """Wait until all lines are written, for a second at most."""
        self._writer.flush()


class QueuedLogger(Logger):  # type: ignore[misc]  # Gunicorn has no types
    """Gunicorn's logger, which waits for no reader."""

    def _set_handler(
        self, log: logging.Logger, _output: str, fmt: logging.Formatter, stream: Any = None
    ) -> None:
        handler = QueuedHandler(stream.fileno() if stream else 2, fmt)
        handler._gunicorn = True  # type: ignore[attr-defined]  # so that a new setup replaces it
        log.addHandler(handler)


@cache
def _writer(descriptor: int) -> LineWriter:
    return LineWriter(descriptor)
