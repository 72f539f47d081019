"""Log lines that wait for nobody: a reader that stops costs lines and no request."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import cache
from queue import Full, Queue
from threading import Thread
from typing import Any

from gunicorn.glogging import Logger

from app.server.log_lines import JsonFormatter, request_members, text_line

_MOST_LINES = 10_000
"""Lines that wait for the reader at most; what comes then is dropped."""

_FLUSH_SECONDS = 1.0


class LineWriter:
    """A bounded queue of lines before a file descriptor, and the thread that writes them.

    A write to a pipe that nobody reads never ends. In a worker it would hold all requests. A
    forked process has a queue and a thread of its own. `as_line` makes a line of a message of the
    writer itself.
    """

    def __init__(self, descriptor: int, as_line: Callable[[str], str]) -> None:
        self._descriptor, self._as_line = descriptor, as_line
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
                text += self._as_line(
                    f"{self._dropped} lines of the log were dropped: its reader is too slow"
                )
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
        self._writer = _writer(descriptor, isinstance(formatter, JsonFormatter))
        self.setFormatter(formatter)

    def emit(self, record: logging.LogRecord) -> None:
        """Queue a record."""
        self._writer.write(self.format(record) + "\n")

    def flush(self) -> None:
        """Wait until all lines are written, for a second at most."""
        self._writer.flush()


class QueuedLogger(Logger):  # type: ignore[misc]  # Gunicorn has no types
    """Gunicorn's logger, which waits for no reader; its lines are text."""

    formatter: logging.Formatter | None = None
    """What makes all lines, None for Gunicorn's formats."""

    def access(self, resp: Any, _req: Any, environ: dict[str, Any], took: timedelta) -> None:
        """Log a request that is answered."""
        if self.access_log_enabled:
            members = request_members(environ, str(resp.status), resp.sent or 0, took)
            self.log_request(members)

    def log_request(self, members: dict[str, Any]) -> None:
        """Log the members of a request."""
        self.access_log.info("%s", text_line(members))

    def _set_handler(
        self, log: logging.Logger, _output: str, fmt: logging.Formatter, stream: Any = None
    ) -> None:
        handler = QueuedHandler(stream.fileno() if stream else 2, self.formatter or fmt)
        handler._gunicorn = True  # type: ignore[attr-defined]  # so that a new setup replaces it
        log.addHandler(handler)


class JsonLogger(QueuedLogger):
    """Gunicorn's logger with a JSON object a line."""

    formatter = JsonFormatter()

    def log_request(self, members: dict[str, Any]) -> None:
        """Log the members of a request."""
        self.access_log.info(
            "%s %s", members["method"], members["path"], extra={"request": members}
        )


@cache
def _writer(descriptor: int, is_json: bool) -> LineWriter:
    return LineWriter(descriptor, _json_line if is_json else "{}\n".format)


def _json_line(message: str) -> str:
    record = logging.LogRecord(__name__, logging.WARNING, __file__, 0, message, None, None)
    return JsonFormatter().format(record) + "\n"
