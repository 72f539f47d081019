"""What Gunicorn reads, and what its master leaves alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from gunicorn.config import Config

from app.config import Settings
from app.server import hooks as module
from app.server.hooks import Hooks
from logo_classifier.caching.lru import Cache
from logo_classifier.caching.memory import MemoryOptimizer

ROOT = Path(__file__).parents[3]

READ = """
import json, runpy, sys
made = runpy.run_path("gunicorn.conf.py")
plain = {k: v for k, v in made.items() if isinstance(v, (str, int, bool, type(None)))}
heavy = ["flask", "onnxruntime", "torch", "prometheus_client", "cv2", "logo_classifier"]
hooks = sorted(k for k, v in made.items() if callable(v) and hasattr(v, "__self__"))
print(json.dumps({"made": plain, "hooks": hooks, "loaded": [m for m in heavy if m in sys.modules]}))
"""


def read_configuration(**variables: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-c", READ],
        cwd=ROOT,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=True,
    )
    read: dict[str, Any] = json.loads(done.stdout)
    return read


def test_the_configuration_is_that_of_the_settings_and_gunicorn_knows_every_name() -> None:
    read = read_configuration(LOGO_PORT="8765", LOGO_WORKERS="3", LOGO_KEEPALIVE_SECONDS="2")

    made = read["made"]
    assert (made["bind"], made["workers"], made["keepalive"]) == ("127.0.0.1:8765", 3, 2)
    assert made["worker_class"] == "app.server.worker.BoundedWorker"
    assert made["preload_app"] is False
    known = Config().settings
    assert [name for name in read["hooks"] if name not in known] == []
    assert {"on_starting", "post_worker_init", "post_request", "child_exit"} <= set(read["hooks"])


def test_the_master_loads_neither_flask_nor_a_runtime_nor_the_library() -> None:
    assert read_configuration()["loaded"] == []


def test_gunicorns_file_is_a_few_lines() -> None:
    assert len((ROOT / "gunicorn.conf.py").read_text("utf-8").splitlines()) <= 20


@pytest.fixture
def optimizer(monkeypatch: pytest.MonkeyPatch) -> MemoryOptimizer:
    """Return the memory watch of the classifier that the hooks ask."""
    made = MemoryOptimizer([], None)
    classifier = Mock(memory_optimizer=made)
    monkeypatch.setattr("app.assembly.process_classifier", lambda _settings: classifier)
    return made


@pytest.mark.parametrize(("threshold_mb", "alive"), [(None, True), (1e6, True), (1.0, False)])
def test_a_worker_is_replaced_if_its_memory_stays_above_the_threshold(
    optimizer: MemoryOptimizer, tmp_path: Path, threshold_mb: float | None, alive: bool
) -> None:
    optimizer.memory_threshold = threshold_mb
    worker = Mock(alive=True)

    Hooks(Settings(), tmp_path).post_request(worker, None, None, None)

    assert worker.alive is alive
    assert optimizer.cleanups == (0 if alive else 1)


def test_a_worker_whose_caches_held_the_memory_lives_on_without_them(
    optimizer: MemoryOptimizer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache: Cache[object] = Cache(10_000)
    cache.put("one", "an answer")
    optimizer._caches = [cache]
    optimizer.memory_threshold = 500.0
    monkeypatch.setattr(MemoryOptimizer, "rss_mb", lambda _self: 600.0 if len(cache) else 400.0)
    worker = Mock(alive=True)

    Hooks(Settings(), tmp_path).post_request(worker, None, None, None)

    assert worker.alive is True
    assert len(cache) == 0


def test_folders_of_masters_that_are_gone_are_removed_and_others_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "memory_folder", lambda: tmp_path)
    gone, alive, other = (
        tmp_path / name for name in ("logo-metrics-8000-999999999", "logo-metrics-8000-1", "else")
    )
    for folder in (gone, alive, other):
        folder.mkdir()
    own = tmp_path / f"logo-metrics-8000-{os.getpid()}"

    Hooks(Settings(), own).on_starting(Mock())

    assert sorted(tmp_path.iterdir()) == sorted([alive, other, own])


def test_wrong_settings_stop_gunicorn_with_one_line() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("gunicorn")],
        cwd=ROOT,
        env={**os.environ, "LOGO_PROT": "80"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert len((done.stdout + done.stderr).splitlines()) == 1
    assert "unknown variable LOGO_PROT" in done.stderr


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (Settings(workers=3), ["page: http://127.0.0.1:8000/", "workers: 3"]),
        (Settings(host="::"), ["address: [::]:8000", "docs: http://[::1]:8000/docs"]),
        (Settings(host="0.0.0.0"), ["page: http://127.0.0.1:8000/"]),  # noqa: S104
        (Settings(model_path=Path("mine/1.0")), ["model: mine/1.0"]),
        (Settings(), [f"model: {(ROOT / 'models' / 'shipped').read_text('utf-8').strip()}"]),
    ],
)
def test_a_start_says_where_and_what_serves(
    settings: Settings, said: list[str], tmp_path: Path
) -> None:
    server = Mock()

    Hooks(settings, tmp_path).when_ready(server)

    lines = [call.args[0] % call.args[1:] for call in server.log.info.call_args_list]
    assert [line.split(": ")[0] for line in lines] == [
        "address",
        "page",
        "docs",
        "model",
        "workers",
    ]
    assert set(said) <= set(lines)
