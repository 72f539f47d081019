"""The master is the process that listens, whatever a PID file says."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from app.server.masters import find_master, forget_stale_master


@contextmanager
def listening() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@contextmanager
def stranger() -> Iterator[int]:
    command = [sys.executable, "-c", "import time; time.sleep(60)"]
    with subprocess.Popen(command) as process:
        try:
            yield process.pid
        finally:
            process.kill()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "pid"
    path.write_text(str(os.getpid()))
    return path


def test_the_file_names_the_process_that_listens(file: Path) -> None:
    with listening() as port:
        assert find_master(file, port).pid == os.getpid()

        forget_stale_master(file, port)

        assert file.exists()


def test_a_process_that_has_the_id_now_is_not_the_master(file: Path) -> None:
    with stranger() as pid, listening() as port:
        file.write_text(str(pid))

        with pytest.raises(psutil.NoSuchProcess, match="has ended"):
            find_master(file, port)
        forget_stale_master(file, port)

    assert not file.exists()


def test_a_process_that_listens_on_another_port_is_not_the_master(file: Path) -> None:
    with listening() as port, pytest.raises(psutil.NoSuchProcess, match="has ended"):
        find_master(file, port + 1)


@pytest.mark.parametrize("text", ["soon", "", "99999999"])
def test_a_file_without_the_id_of_a_process_is_forgotten(file: Path, text: str) -> None:
    file.write_text(text)

    with pytest.raises((ValueError, psutil.NoSuchProcess)):
        find_master(file, 1)
    forget_stale_master(file, 1)

    assert not file.exists()


def test_where_there_is_no_file_nothing_is_forgotten(tmp_path: Path) -> None:
    forget_stale_master(tmp_path / "pid", 1)


def test_a_file_that_another_user_left_is_refused_and_stays(file: Path) -> None:
    try:
        os.chown(file, os.getuid() + 1, -1)
    except PermissionError:
        pytest.skip("only root gives files away")

    with listening() as port:
        with pytest.raises(PermissionError, match="not the service's own"):
            find_master(file, port)
        forget_stale_master(file, port)

    assert file.exists()
