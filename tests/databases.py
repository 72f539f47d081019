"""Run a real PostgreSQL on a free port."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import psycopg
import pytest

from tests.servers import free_port

_USER = "postgres"


@dataclass(frozen=True)
class Cluster:
    """Hold the programs, the folder and the port of a PostgreSQL."""

    programs: Path
    folder: Path
    port: int
    names: Iterator[int]

    def new_database(self) -> str:
        """Make an empty database and return its address."""
        name = f"feedback{next(self.names)}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return self.url(name)

    def url(self, name: str) -> str:
        """Return the address of a database."""
        return f"postgresql://{_USER}@127.0.0.1:{self.port}/{name}"

    def start(self, file_kib: int | None = None) -> None:
        """Start; with `file_kib` no file grows above that, as on a full disk."""
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1"
        limit = f"ulimit -f {file_kib}; " if file_kib else ""
        self._run(
            "bash",
            "-c",
            f"{limit}exec {self.programs}/pg_ctl -D {self.folder}/data -w -t 30 "
            f"-l {self.folder}/log -o '{options}' start",
        )

    def stop(self) -> None:
        """Stop at once, as a crash would; connections break."""
        self._run(f"{self.programs}/pg_ctl", "-D", f"{self.folder}/data", "-m", "immediate", "stop")

    def make(self) -> None:
        """Make the files; whoever connects is believed."""
        self._run(
            f"{self.programs}/initdb", "-D", f"{self.folder}/data", "-U", _USER, "-A", "trust",
            "--no-sync", "--wal-segsize=1",
        )  # fmt: skip

    def _run(self, *command: str) -> None:
        # PostgreSQL refuses to be run by root.
        as_user = ("setpriv", f"--reuid={_USER}", "--regid", _USER, "--clear-groups")
        subprocess.run(
            (*as_user, *command) if os.geteuid() == 0 else command,
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self.folder,
        )


@contextmanager
def run_postgresql() -> Iterator[Cluster]:
    """Run a cluster of its own; skip where PostgreSQL is not installed."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    found = str(programs[-1]) if programs else shutil.which("initdb")
    if found is None:
        pytest.skip("postgresql is not installed")
    # Not pytest's folder, which only its owner may enter.
    folder = Path(tempfile.mkdtemp(prefix="logo-postgresql-"))
    if os.geteuid() == 0:
        shutil.chown(folder, _USER, _USER)
    cluster = Cluster(Path(found).parent, folder, free_port(), count())
    try:
        cluster.make()
        cluster.start()
        yield cluster
    finally:
        if (folder / "data" / "postmaster.pid").exists():
            cluster.stop()
        shutil.rmtree(folder)
