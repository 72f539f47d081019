"""The Gunicorn worker of the service: a greenlet a connection, with slow-client protection."""

from __future__ import annotations

import errno
import os
import socket
from typing import Any

import gevent
from gevent import monkey
from gevent import socket as cooperative
from gunicorn import util
from gunicorn.http.errors import ParseException
from gunicorn.workers.ggevent import GeventWorker

from app.config import Settings

_LINGER_SECONDS = 10.0
_REST_BYTES = 64 * 1024
_LINGER_BYTES = 512 * 1024 * 1024


class BoundedConnection(cooperative.socket):
    """A client's connection that nobody can hold for ever: neither by sending nor by not reading.

    The reading side is shut after `reading_seconds` (slow loris): whoever waits for more of the
    request wakes up; a request that is complete is answered all the same. A reply that is not
    taken within `writing_seconds` is given up. Closing lingers (RFC 9112, section 9.6) and takes
    what a refused upload still sends, as a connection reset would hide the refusal from browsers.
    """

    def __init__(
        self, client: socket.socket, reading_seconds: float, writing_seconds: float
    ) -> None:
        super().__init__(client.family, client.type, client.proto, fileno=client.detach())
        self._reading_seconds, self._writing_seconds = reading_seconds, writing_seconds
        self._lingers = False
        self._deadline: gevent.Greenlet[..., None] | None = None
        self.expect_request()

    def expect_request(self) -> None:
        """Start the time that the next request may take to come in."""
        self._stop_deadline()
        self._deadline = gevent.spawn_later(self._reading_seconds, self._stop_listening)

    def sendall(self, data: Any, flags: int = 0) -> None:
        """Send data within the time for replies; raise BrokenPipeError for who does not read."""
        self.settimeout(self._writing_seconds)
        try:
            super().sendall(data, flags)
        except TimeoutError as error:
            raise BrokenPipeError(errno.EPIPE, "the client does not read the reply") from error
        finally:
            self.settimeout(None)

    def close(self) -> None:
        """Close the connection, the first time by lingering."""
        if self._lingers:
            super().close()
            return
        self._lingers = True
        self._stop_deadline()
        util.close_graceful(self, _LINGER_SECONDS, _LINGER_BYTES)

    def _stop_listening(self) -> None:
        self._deadline = None
        try:
            # Not gevent's shutdown: it would interrupt who waits; here the request just ends.
            self._sock.shutdown(socket.SHUT_RD)  # type: ignore[attr-defined]
        except OSError:  # the client has gone by itself
            return

    def _stop_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.kill(block=False)
            self._deadline = None


class BoundedWorker(GeventWorker):  # type: ignore[misc]  # Gunicorn has no types
    """A gevent worker whose connections are bounded in time.

    Threads stay those of the operating system: the application works on pictures in them
    (`app.api.admission`), in parallel and without holding up a probe.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        settings = Settings.from_env(os.environ)
        self._bounds = (settings.upload_timeout_seconds, settings.reply_timeout_seconds)

    def patch(self) -> None:
        """Make sockets and waiting cooperative, but not threads and what is built on them."""
        monkey.patch_all(thread=False, queue=False, subprocess=False)
        listeners: list[Any] = self.sockets
        self.sockets: list[Any] = [
            cooperative.socket(each.FAMILY, socket.SOCK_STREAM, fileno=each.sock.detach())
            for each in listeners
        ]

    def handle(self, listener: socket.socket, client: socket.socket, addr: object) -> None:
        """Handle the requests of a connection."""
        super().handle(listener, BoundedConnection(client, *self._bounds), addr)

    def handle_request(
        self, listener_name: object, req: Any, sock: BoundedConnection, addr: object
    ) -> None:
        """Handle one request; the time for the next one, if any, begins then.

        Raises StopIteration, which ends the connection, if the rest of the body is malformed: the
        reply has gone out, and a second one would pass for that to the next request.
        """
        super().handle_request(listener_name, req, sock, addr)
        try:
            while req.body.read(_REST_BYTES):
                pass
        except ParseException as error:
            raise StopIteration from error
        sock.expect_request()

    def handle_error(
        self, req: object, client: socket.socket, addr: object, exc: Exception
    ) -> None:
        """Answer invalid HTTP with a problem, as the application answers all other errors."""
        from app.api.malformed import answer  # noqa: PLC0415 - only workers load Flask

        try:
            client.sendall(answer(exc))
        except OSError:  # the client has gone by itself
            return
