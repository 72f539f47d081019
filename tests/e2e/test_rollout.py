"""A version is rolled out, refused and rolled back by one setting, and no request is lost."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any

import httpx
import pytest

from tests.waiting import wait_until

from .conftest import ROOT, Server, ServerMaker

PNG = {"Content-Type": "image/png"}
ImageMaker = Callable[..., bytes]


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """Return a copy of the registry that a test may change."""
    return Path(shutil.copytree(ROOT / "models", tmp_path / "models"))


def choose(file: Path, models: Path, version: str) -> None:
    file.write_text(f"LOGO_MODELS_DIR={models}\nLOGO_MODEL=logo-type/{version}\n", "utf-8")


def reload(server: Server) -> subprocess.CompletedProcess[str]:
    environ = os.environ | {"LOGO_PORT": str(server.address[1])}
    command = [sys.executable, "-m", "app", "reload"]
    return subprocess.run(
        command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False
    )


def model(server: Server) -> dict[str, Any]:
    health: dict[str, Any] = server.get("/health").json()
    assert health["status"] == "healthy"
    said: dict[str, Any] = health["model"]
    return said


@contextmanager
def asking(server: Server, picture: bytes) -> Iterator[list[str]]:
    """Ask all the time inside the block; the list holds each version that answered, or an error."""
    said: list[str] = []
    stopped = Event()

    def ask() -> None:
        while not stopped.is_set():
            try:
                reply = server.post("/classify", content=picture, headers=PNG)
            except httpx.TransportError as error:
                said.append(repr(error))
            else:
                good = reply.status_code == 200
                said.append(reply.json()["model"]["version"] if good else reply.text)

    thread = Thread(target=ask)
    thread.start()
    try:
        yield said
    finally:
        stopped.set()
        thread.join()


def test_a_version_is_rolled_out_refused_and_rolled_back_without_a_lost_request(
    serve: ServerMaker, models: Path, tmp_path: Path, make_image: ImageMaker
) -> None:
    file = tmp_path / "service.env"
    choose(file, models, "1.6.0")
    with (
        serve(settings_file=file, workers=2) as server,
        asking(server, make_image()) as said,
    ):
        choose(file, models, "1.5.0")
        assert reload(server).returncode == 0
        assert model(server)["version"] == "1.5.0"

        rules = models / "logo-type" / "1.6.0" / "rules.json"
        good = rules.read_bytes()
        rules.write_bytes(good + b" ")
        choose(file, models, "1.6.0")
        told = reload(server)
        assert told.returncode != 0
        assert "logo-type/1.6.0 is refused: rules.json is not what config.json" in told.stderr
        assert model(server) == {
            "name": "logo-type",
            "version": "1.5.0",
            "error": None,
            "refused": None,
        }

        rules.write_bytes(good)
        assert reload(server).returncode == 0
        assert model(server)["version"] == "1.6.0"

    assert set(said) == {"1.5.0", "1.6.0"}


def test_a_worker_that_is_replaced_keeps_to_the_last_verified_version_and_says_so(
    serve: ServerMaker, models: Path, tmp_path: Path
) -> None:
    file = tmp_path / "service.env"
    choose(file, models, "1.6.0")
    with serve(settings_file=file, workers=1) as server:
        choose(file, models, "9.9.9")
        first = server.get("/health").json()["worker_pid"]
        os.kill(first, signal.SIGKILL)

        wait_until(lambda: _answers_by_another(server, first), "no new worker came")

        assert model(server)["version"] == "1.6.0"
        assert model(server)["refused"] == "logo-type/9.9.9"
        assert server.get("/models").json()["refused"] == "logo-type/9.9.9"
        assert "there is no model version logo-type/9.9.9" in server.log.read_text()


def test_a_file_that_breaks_leaves_the_last_good_settings_to_new_workers(
    serve: ServerMaker, models: Path, tmp_path: Path
) -> None:
    file = tmp_path / "service.env"
    choose(file, models, "1.5.0")
    with serve(settings_file=file, workers=1) as server:
        file.write_text("LOGO_MODEL\n", "utf-8")
        told = reload(server)
        assert told.returncode != 0
        assert "line 1 of" in told.stderr
        first = server.get("/health").json()["worker_pid"]
        os.kill(first, signal.SIGKILL)

        wait_until(lambda: _answers_by_another(server, first), "no new worker came")

        assert model(server)["version"] == "1.5.0"
        assert "the last good settings serve on: line 1 of" in server.log.read_text()


def _answers_by_another(server: Server, pid: int) -> bool:
    try:
        return bool(server.get("/health").json()["worker_pid"] != pid)
    except httpx.TransportError:
        return False
