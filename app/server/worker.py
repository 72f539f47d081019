"""The Gunicorn worker of the service: a greenlet a connection, with slow-client protection."""

from __future__ import annotations

import errno
import os
import socket
import time
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import TYPE_CHECKING, Any

import gevent
from gevent import monkey
from gevent import socket as cooperative
from gevent.pool import Pool
from gevent.server import StreamServer
from gunicorn import util
from gunicorn.http.errors import ParseException
from gunicorn.workers.ggevent import GeventWorker

from app.config import Settings
from app.server.places import metrics_folder, ready_mark

if TYPE_CHECKING:
    from app.server.resources import ResourceMeter

_LINGER_SECONDS = 10.0
_LINGER_BYTES = 512 * 1024 * 1024
_REST_BYTES = 64 * 1024

_YIELD_SECONDS = 0.001
"""How long a worker leaves a connection to its siblings for each picture that it has in work."""

_MOST_YIELD_SECONDS = 0.008


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
        self._writing_seconds = writing_seconds
        self._lingers = False
        self._deadline: Any = gevent.get_hub().loop.timer(reading_seconds, reading_seconds)
        self._deadline.start(self._stop_listening)

    def expect_request(self) -> None:
        """Start the time that the next request may take to come in."""
        self._deadline.again(self._stop_listening)

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
        self._deadline.stop()
        self._deadline.close()
        util.close_graceful(self, _LINGER_SECONDS, _LINGER_BYTES)

    def _stop_listening(self) -> None:
        try:
            # Not gevent's shutdown: it would interrupt who waits; here the request just ends.
            self._sock.shutdown(socket.SHUT_RD)  # type: ignore[attr-defined]
        except OSError:  # the client has gone by itself
            return


class ContinueReader:
    """A body's reader that asks for the body when it is first read (RFC 9110, section 10.1.1)."""

    def __init__(self, reader: Any, client: BoundedConnection) -> None:
        self._reader, self._client = reader, client
        self._asked = False

    def read(self, size: int) -> bytes:
        """Return up to `size` bytes of the body."""
        if not self._asked:
            self._asked = True
            self._client.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        data: bytes = self._reader.read(size)
        return data


class YieldingServer(StreamServer):
    """A server that leaves new connections to siblings for a moment while it has work.

    The kernel wakes all workers for a connection (thundering herd), and a busy one often comes
    first: it would queue requests while another is idle.
    """

    max_accept = 1

    def __init__(self, listener: Any, handle: Any, spawn: Any, pending: Callable[[], int]) -> None:
        super().__init__(listener, handle=handle, spawn=spawn)
        self._pending, self._yielded_at_seconds = pending, 0.0

    def do_read(self) -> Any:
        """Accept a connection; return None if a sibling is to have it, or has had it."""
        yielding_seconds = min(self._pending() * _YIELD_SECONDS, _MOST_YIELD_SECONDS)
        now_seconds = time.monotonic()
        if yielding_seconds and now_seconds - self._yielded_at_seconds > 2 * _MOST_YIELD_SECONDS:
            self._yielded_at_seconds = now_seconds
            self.stop_accepting()
            self._timer: Any = self.loop.timer(yielding_seconds)
            self._timer.start(self.start_accepting)
            return None
        self._yielded_at_seconds = 0.0
        return super().do_read()


class BoundedWorker(GeventWorker):  # type: ignore[misc]  # Gunicorn has no types
    """A gevent worker whose connections are bounded in time.

    Threads stay those of the operating system: the application works on pictures in them
    (`app.api.admission`), in parallel and without holding up a probe.
    """

    def init_process(self) -> None:
        """Read the settings that post_fork has fixed, then serve until the end."""
        settings = Settings.from_env(os.environ)
        self._bounds = (settings.upload_timeout_seconds, settings.reply_timeout_seconds)
        self._metrics_folder = metrics_folder(settings.port, self.ppid)
        self.meter: ResourceMeter | None = None  # post_worker_init sets it
        super().init_process()

    def notify(self) -> None:
        """Give a sign of life, as once a second, and count what the worker takes."""
        super().notify()
        if self.meter:
            self.meter.observe()

    def patch(self) -> None:
        """Make sockets and waiting cooperative, but not threads and what is built on them."""
        monkey.patch_all(thread=False, queue=False, subprocess=False)
        listeners: list[Any] = self.sockets
        self.sockets: list[Any] = [
            cooperative.socket(each.FAMILY, socket.SOCK_STREAM, fileno=each.sock.detach())
            for each in listeners
        ]

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Finish, and take away the mark that says that the worker takes requests."""
        super().handle_exit(sig, frame)
        ready_mark(self._metrics_folder, self.pid).unlink(missing_ok=True)

    def server_class(self, listener: socket.socket, *, spawn: Pool, **_: object) -> YieldingServer:
        """Return the server of a listener; Gunicorn calls this where it would make its own."""
        service = self.wsgi.extensions.get("logo")  # none in the bare view of the benchmarks
        pending = service.admission.yielding if service and self.cfg.workers > 1 else int
        return YieldingServer(listener, partial(self.handle, listener), spawn, pending)

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
        if req._expected_100_continue:
            # Gunicorn would say so at once; what the headers refuse is to be refused without.
            req._expected_100_continue = False
            req.force_close()
            req.body.reader = ContinueReader(req.body.reader, sock)
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
