"""Run replicas of the service on this machine as deploy/ puts them: behind nginx, with a Redis."""

from __future__ import annotations

import getpass
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.service import ROOT, START_SECONDS, ServerFailed, free_port, running

NGINX = ROOT / "deploy" / "nginx"
PROGRAMS = {"nginx": "/usr/sbin:/usr/bin", "redis-server": "/usr/bin:/usr/local/bin"}

_SETTINGS = {
    "LOGO_WORKERS": "2",
    "LOGO_KEEPALIVE_SECONDS": "75",
    "LOGO_TRUSTED_PROXIES": "1",
    "LOGO_LOG_LEVEL": "error",
}
"""Those of deploy/compose.yaml."""


def program(name: str) -> str:
    """Return the path of a program; raise ServerFailed with its Debian package if it is missing."""
    found = shutil.which(name, path=PROGRAMS[name])
    if found is None:
        raise ServerFailed(f"{name} is missing: install the Debian package {name}")
    return found


@dataclass
class Replica:
    """One service on a port of its own, which can be killed, started again and reloaded."""

    settings: dict[str, str]
    port: int = field(default_factory=free_port)
    _running: ExitStack = field(default_factory=ExitStack)
    _master: int = 0

    def start(self) -> None:
        """Start it and return when it is ready; raise ServerFailed if it does not start."""
        environ = {**self.settings, "LOGO_PORT": str(self.port)}
        served = running([sys.executable, "-m", "gunicorn"], environ, self.port)
        self._master = self._running.enter_context(served).master.pid

    def kill(self) -> None:
        """Kill the master and all workers at once, as the end of a machine would."""
        os.killpg(self._master, signal.SIGKILL)
        self._running.close()

    def reload(self) -> None:
        """Do what `make reload` does; raise ServerFailed with its reason if it fails."""
        told = subprocess.run(
            [sys.executable, "-m", "app", "reload"],
            cwd=ROOT,
            env=os.environ | {"LOGO_PORT": str(self.port)},
            capture_output=True,
            text=True,
            check=False,
        )
        if told.returncode:
            raise ServerFailed(told.stderr)

    def stop(self) -> None:
        """End it as an operator would."""
        self._running.close()


@contextmanager
def replicas(count: int, **settings: str) -> Iterator[list[Replica]]:
    """Run replicas with the settings of deploy/compose.yaml and these."""
    made = [Replica({**_SETTINGS, **settings}) for _ in range(count)]
    with ExitStack() as stack:
        for replica in made:
            replica.start()
            stack.callback(replica.stop)
        yield made


@contextmanager
def redis(folder: Path) -> Iterator[str]:
    """Run a Redis that keeps nothing on disk; yield its address."""
    port = free_port()
    options = ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", str(folder)]
    bounds = ["--maxmemory", "256mb", "--maxmemory-policy", "allkeys-lru"]
    with _listening([program("redis-server"), "--port", str(port), *options, *bounds], port):
        yield f"redis://127.0.0.1:{port}/0"


@contextmanager
def proxy(folder: Path, ports: Sequence[int]) -> Iterator[str]:
    """Run nginx with the configuration of deploy/nginx before services; yield its address.

    Only addresses and folders differ. The services are as the addresses of one name would be.
    """
    own, port = folder / "nginx", free_port()
    shutil.copytree(NGINX, own)
    text = (own / "nginx.conf").read_text("utf-8")
    servers = "\n        ".join(f"server 127.0.0.1:{each} max_fails=0;" for each in ports)
    for old, new in (
        ("server logo:8000 max_fails=0;", servers),
        ("listen 8080", f"listen 127.0.0.1:{port}"),
        ("/dev/stdout", "off"),
        ("/tmp/", f"{folder}/"),  # noqa: S108 - the folder of the container
    ):
        if old not in text:
            raise ServerFailed(f"deploy/nginx/nginx.conf lacks {old!r}")
        text = text.replace(old, new)
    (own / "nginx.conf").write_text(text, "utf-8")
    # Started by root, the workers of nginx could not enter the folder.
    options = f"daemon off; user {getpass.getuser()};"
    command = [program("nginx"), "-c", str(own / "nginx.conf"), "-e", "stderr", "-g", options]
    with _listening(command, port):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def _listening(command: Sequence[str], port: int) -> Iterator[None]:
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            _await_port(process, port)
            yield
        finally:
            process.terminate()
            process.wait()


def _await_port(process: subprocess.Popen[bytes], port: int) -> None:
    deadline_seconds = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline_seconds:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise ServerFailed(f"{process.args!r} does not listen on port {port}")
