"""The Gunicorn worker of the service: threads, and an end to uploads that never end."""

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
"""How long a worker leaves a connection to its siblings for each picture that it has in work."""

_MOST_DEFERENCE_SECONDS = 0.008


class BoundedThreadWorker(ThreadWorker):  # type: ignore[misc]  # Gunicorn has no types
    """Serve as `gthread` does, but let no client hold a thread for ever, or the main loop at all.

    Gunicorn's own timeout never bounds a request of a threaded worker. Here the reading side of a
    connection is shut after `upload_timeout_seconds`: a thread that waits for more of the request
    wakes up, one that has all of it goes on and answers.

    Gunicorn 27 lingers on the main loop for clients that do not close their side, two seconds
    each. Here the request's own thread does, and takes what a refused upload still sends: a
    connection reset under it would hide the refusal from browsers.

    The kernel tells every worker of a new connection, and the first to come takes it. Here a worker
    comes the later the more it has to do, so that none queues requests while another idles.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        settings = Settings.from_env(os.environ)
        self._limit_seconds = settings.upload_timeout_seconds
        self._began_seconds: dict[TConn, float] = {}
        self._lock = Lock()

    def accept(self, listener: socket.socket) -> None:
        """Take a new connection, unless a sibling with less to do has taken it meanwhile."""
        if self.cfg.workers > 1:
            # Not for open connections: one that is silent or slow is no work.
            admission = self.wsgi.extensions["logo"].admission
            admission.defer(_DEFERENCE_SECONDS, _MOST_DEFERENCE_SECONDS)
        super().accept(listener)

    def handle(self, conn: TConn) -> object:
        """Handle one request of a connection, in a thread of the pool."""
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
        """Tell whether a connection can be used again, once the rest of the body is read."""
        try:
            return bool(super()._keepalive_after(conn, keepalive))
        except ParseException:
            # The reply has gone out: a second one would pass for that to the next request.
            return False

    def handle_error(
        self, req: object, client: socket.socket, addr: object, exc: Exception
    ) -> None:
        """Answer what is no valid HTTP as the application answers all else: with a problem."""
        from app.api.malformed import answer  # noqa: PLC0415 - Flask is for workers alone

        with suppress(OSError):  # the client has gone by itself
            client.sendall(answer(exc))

    def murder_pending(self) -> None:
        """Close what sends nothing, and stop listening to what sends too slowly.

        The main loop calls this at least once a second.
        """
        super().murder_pending()
        latest = time.monotonic() - self._limit_seconds
        with self._lock:
            late = [conn for conn, began in self._began_seconds.items() if began < latest]
            for conn in late:
                del self._began_seconds[conn]
        for conn in late:
            with suppress(OSError):  # the client has gone by itself
                conn.sock.shutdown(socket.SHUT_RD)


def _leave_closed(graceful: bool = False) -> None:
    """Stand in for the second closing of a connection."""
