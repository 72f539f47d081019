"""Trouble of the machine around the service harms no request, or is told in a line."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import psutil
import pytest

from app.server.metrics_files import KINDS
from app.server.places import memory_folder, pid_file
from tests.waiting import wait_until

from .conftest import ROOT, Server, ServerMaker, answers, ready_marks


@pytest.fixture
def small_folder() -> list[str]:
    """Return the start of a command that has a folder in memory of its own, of one MiB."""
    script = 'mount -t tmpfs -o size=1m none /dev/shm && exec "$@"'
    command = ["unshare", "--mount", "sh", "-c", script, "sh"]
    if subprocess.run([*command, "true"], check=False, capture_output=True).returncode:
        pytest.skip("only root mounts folders")
    return command


def test_a_full_memory_folder_is_told_in_one_line_at_the_start(small_folder: list[str]) -> None:
    command = [*small_folder, sys.executable, "-m", "gunicorn"]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )

    assert done.returncode == 1
    assert done.stderr.startswith(f"{memory_folder()} has 1024 KiB free, and ")
    assert done.stderr.count("\n") == 1


def test_the_metrics_fit_into_the_files_whose_room_is_taken(server: Server) -> None:
    sizes = {file.name: file.stat().st_size for file in server.metrics_folder.glob("*.db")}

    assert {name.rpartition("_")[0] for name in sizes} == set(KINDS)
    assert set(sizes.values()) == {256 * 1024}


def test_a_pid_file_that_names_a_stranger_does_not_hinder_a_start(serve: ServerMaker) -> None:
    with serve(workers=1) as server:
        port = server.address[1]
    pid_file(port).write_text(str(os.getpid()))  # of this test, which is no service

    with serve(workers=1, port=port) as server:
        assert answers(server)
        assert int(pid_file(port).read_text()) == server.process.pid


def test_a_log_that_nobody_reads_holds_no_request(serve: ServerMaker, tmp_path: Path) -> None:
    pipe = tmp_path / "gunicorn.log"
    os.mkfifo(pipe)
    held = os.open(pipe, os.O_RDWR)
    try:
        with serve(workers=1) as server, httpx.Client(base_url=server.url) as client:
            # A pipe holds 64 KiB, so the lines of 1,500 requests fill it.
            statuses = {client.get("/health/live").status_code for _ in range(1500)}
            ended = server.stop()
    finally:
        os.close(held)

    assert (statuses, ended) == ({200}, 0)


def test_a_stopped_worker_is_replaced_and_the_others_answer_meanwhile(serve: ServerMaker) -> None:
    with serve(workers=2, timeout_seconds=2) as server:
        wait_until(lambda: ready_marks(server) == 2, "both workers are ready")
        stopped = psutil.Process(server.process.pid).children()[0]
        stopped.send_signal(signal.SIGSTOP)
        began = time.monotonic()
        wait_until(lambda: not stopped.is_running(), "the stopped worker is replaced")

        assert time.monotonic() - began < 20
        assert [server.get("/health/ready").status_code for _ in range(10)] == [200] * 10


def test_a_worker_that_hangs_before_it_serves_is_replaced(serve: ServerMaker) -> None:
    with serve(workers=1, timeout_seconds=2) as server:
        wait_until(lambda: ready_marks(server) == 1, "the worker is ready")
        master = psutil.Process(server.process.pid)
        (first,) = master.children()
        master.send_signal(signal.SIGTTIN)
        wait_until(lambda: len(master.children()) == 2, "a new worker starts")
        (hanging,) = (child for child in master.children() if child != first)
        hanging.send_signal(signal.SIGSTOP)
        marks = ready_marks(server)

        wait_until(lambda: not hanging.is_running(), "the hanging worker is replaced")
        wait_until(lambda: ready_marks(server) == 2, "its successor is ready")

        assert marks == 1
