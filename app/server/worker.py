"""The Gunicorn worker of the service: gthread with slow-client protection."""

from __future__ import annotations

import os
import socket
import time
from contextlib import suppress
from threading import Lock
from typing import Any

from gunicorn import util
from gunicorn.http.errors import ParseException
from gunicorn.workers.gthread import TConn, ThreadWorker

from app.config import Settings

_LINGER_SECONDS = 10.0
_LINGER_BYTES = 512 * 1024 * 1024

_DEFERENCE_SECONDS = 0.001
"""How long a worker defers accepting a connection, for each picture that it has in work."""

_MOST_DEFERENCE_SECONDS = 0.008


class BoundedThreadWorker(ThreadWorker):  # type: ignore[misc]  # Gunicorn has no types
    """A `gthread` worker whose threads and main loop cannot be blocked by slow clients.

    Slow-client (slow loris) protection: Gunicorn's timeout does not bound a request of a threaded
    worker. Here the reading side of a connection is shut after `upload_timeout_seconds`. A thread
    that waits for more of the request wakes up. A thread with the whole request still answers.

    Lingering close: Gunicorn 27 lingers in the main loop for clients that do not close their side,
    two seconds each. Here the thread of the request lingers and reads the rest of a refused
    upload. A connection reset would hide the refusal from browsers.

    Thundering herd and load balance: the kernel wakes every worker for a new connection, and the
    first one accepts it. Here a worker defers accepting, longer if it has more work, so that
    no worker queues requests while another one is idle.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        settings = Settings.from_env(os.environ)
        self._limit_seconds = settings.upload_timeout_seconds
        self._began_seconds: dict[TConn, float] = {}
        self._lock = Lock()

    def accept(self, listener: socket.socket) -> None:
        """Accept a new connection, unless a worker with less work accepts it first."""
        if self.cfg.workers > 1:
            # The delay depends on pictures, not on connections: a silent or slow one is no work.
            admission = self.wsgi.extensions["logo"].admission
            admission.defer(_DEFERENCE_SECONDS, _MOST_DEFERENCE_SECONDS)
        super().accept(listener)

    def handle(self, conn: TConn) -> object:
        """Handle one request of a connection in a thread of the pool."""
        with self._lock:
            self._began_seconds[conn] = time.monotonic()
        try:
            kept = super().handle(conn)
        finally:
            with self._lock:
                self._began_seconds.pop(conn, None)
        if not kept:
            util.close_graceful(conn.sock, _LINGER_SECONDS, _LINGER_BYTES)
            conn.close = _leave_closed
        return kept

    def _keepalive_after(self, conn: TConn, keepalive: bool) -> bool:
        """Read the rest of the body; return whether the connection can be used again."""
        try:
            return bool(super()._keepalive_after(conn, keepalive))
        except ParseException:
            # The reply is sent already. A client would take a second one for its next reply.
            return False

    def handle_error(
        self, req: object, client: socket.socket, addr: object, exc: Exception
    ) -> None:
        """Answer malformed HTTP with a problem, as the application answers other errors."""
        from app.api.malformed import answer  # noqa: PLC0415 - only workers load Flask

        with suppress(OSError):  # the client has disconnected
            client.sendall(answer(exc))

    def murder_pending(self) -> None:
        """Close connections that send nothing, and stop reading from those that send too slowly.

        The main loop calls this at least once per second.
        """
        super().murder_pending()
        latest = time.monotonic() - self._limit_seconds
        with self._lock:
            late = [conn for conn, began in self._began_seconds.items() if began < latest]
            for conn in late:
                del self._began_seconds[conn]
        for conn in late:
            with suppress(OSError):  # the client has disconnected
                conn.sock.shutdown(socket.SHUT_RD)


def _leave_closed(graceful: bool = False) -> None:
    """Do nothing instead of closing a connection a second time."""
