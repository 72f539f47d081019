"""Gunicorn's server hooks: what its master and workers do when they start, work and end."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
from gunicorn.arbiter import Arbiter
from gunicorn.workers.base import Worker

from app.config import Settings
from app.server.malloc import set_up_malloc
from app.server.metrics_files import take_room
from app.server.places import memory_folder, metrics_folders, ready_mark, shipped_model
from app.server.worker_settings import remember_settings

if TYPE_CHECKING:
    from app.traces.context import Recorder
    from logo_classifier import HybridClassifier

# The master must not load Flask, a runtime or prometheus_client, so the hooks of workers import
# these themselves.

_OUR_PACKAGES = ("app", "logo_classifier")


class Hooks:
    """The server hooks; `metrics_folder` is the folder for the workers' metrics."""

    def __init__(self, settings: Settings, metrics_folder: Path) -> None:
        self._settings, self._metrics_folder = settings, metrics_folder
        self._classifier: HybridClassifier | None = None  # of a worker
        self._recorder: Recorder | None = None  # of a worker

    def named(self) -> dict[str, Callable[..., None]]:
        """Return the hooks by their names in Gunicorn."""
        hooks = (
            self.on_starting,
            self.when_ready,
            self.pre_fork,
            self.post_fork,
            self.post_worker_init,
            self.post_request,
            self.worker_exit,
            self.child_exit,
            self.on_exit,
        )
        return {hook.__name__: hook for hook in hooks}

    def on_starting(self, _server: Arbiter) -> None:
        """Set up malloc and remove the metrics of earlier runs; a reload keeps the metrics."""
        set_up_malloc()
        name = metrics_folders(self._settings.port)
        for left in memory_folder().glob(f"{name}*"):
            # A killed master leaves its folder. A master that still runs needs its folder.
            pid = left.name.removeprefix(name)
            if pid.isdecimal() and (int(pid) == os.getpid() or not psutil.pid_exists(int(pid))):
                shutil.rmtree(left, ignore_errors=True)
        self._metrics_folder.mkdir(mode=0o700)
        remember_settings(self._metrics_folder)

    def when_ready(self, server: Arbiter) -> None:
        """Log where the service listens and what serves; workers log why a model does not load."""
        settings = self._settings
        url = f"http://{_reachable(settings.bind)}"
        for name, value in {
            "address": settings.bind,
            "page": f"{url}/",
            "docs": f"{url}/docs",
            "model": settings.model_path or settings.model or shipped_model(settings.models_dir),
            "workers": settings.workers,
        }.items():
            server.log.info("%s: %s", name, value)

    def pre_fork(self, server: Arbiter, worker: Worker) -> None:
        """Assign the lowest free number to the worker, and begin to watch it."""
        # Its file has the time of the wall clock, which the master takes for a time to come.
        worker.tmp.notify()
        taken = {sibling.slot for sibling in server.WORKERS.values()}
        worker.slot = next(number for number in count() if number not in taken)

    def post_fork(self, _server: Arbiter, worker: Worker) -> None:
        """Let the worker write metrics under its number, before it imports the application."""
        from prometheus_client import values  # noqa: PLC0415

        # New workers read the code anew, whatever the master has imported of it.
        for name in [name for name in sys.modules if name.split(".")[0] in _OUR_PACKAGES]:
            del sys.modules[name]
        from app.server.worker_settings import fix_settings  # noqa: PLC0415

        self._settings = fix_settings(self._metrics_folder)
        # Not under its process id: each replaced worker would leave files behind.
        try:
            take_room(self._metrics_folder, worker.slot)
        except OSError as error:
            worker.log.warning("/metrics lacks what this worker counts: %s", error)
            values.ValueClass = values.MutexValue
        else:
            values.ValueClass = values.MultiProcessValue(lambda: worker.slot)  # type: ignore[no-untyped-call]

    def post_worker_init(self, worker: Worker) -> None:
        """Verify a version that is not known yet, and warm up, before the first request.

        This is not done in post_fork, where a worker does not handle signals yet. A SIGTERM during
        the warm-up would be lost, and stopping would take the whole graceful timeout.
        """
        from app.rollout import settle  # noqa: PLC0415
        from app.server.resources import ResourceMeter  # noqa: PLC0415
        from app.server.worker_settings import remember_settings  # noqa: PLC0415
        from app.traces.starting import start_recorder  # noqa: PLC0415

        self._recorder = start_recorder(os.environ)
        _equip(worker, recorder=self._recorder)
        worker.meter = ResourceMeter(worker.slot)
        refused = ""
        try:
            settled = settle(self._settings, self._metrics_folder)
            if settled.refused:
                refused = f"{settled.refused} is refused: {settled.why}"
                _hand_over(worker, settled.classifier, settled.refused)
            self._classifier = settled.classifier
            remember_settings(self._metrics_folder)
            settled.classifier.warm_up()
        except Exception:  # any: a worker that ends at its start would end the master (0022)
            worker.log.exception("the classifier did not warm up")
        ready_mark(self._metrics_folder, worker.pid).write_text(refused, "utf-8")

    def post_request(self, worker: Worker, _request: Any, _environ: Any, _response: Any) -> None:
        """Replace the worker if its memory is above the threshold even without its caches."""
        from app.assembly import process_classifier  # noqa: PLC0415

        classifier = self._classifier or process_classifier(self._settings)
        optimizer = classifier.memory_optimizer
        if worker.alive and not optimizer.make_room():
            held_mb, allowed_mb = optimizer.rss_mb(), optimizer.memory_threshold
            worker.log.warning("%.0f MB are in use, %.0f allowed: replaced", held_mb, allowed_mb)
            worker.alive = False

    def worker_exit(self, _server: Arbiter, _worker: Worker) -> None:
        """Send the spans that wait."""
        if self._recorder:
            self._recorder.close()

    def child_exit(self, _server: Arbiter, worker: Worker) -> None:
        """Remove a dead worker from the gauges."""
        from prometheus_client.multiprocess import mark_process_dead  # noqa: PLC0415

        ready_mark(self._metrics_folder, worker.pid).unlink(missing_ok=True)
        mark_process_dead(worker.slot)  # type: ignore[no-untyped-call]

    def on_exit(self, _server: Arbiter) -> None:
        """Remove the folder of metrics."""
        shutil.rmtree(self._metrics_folder, ignore_errors=True)


def _hand_over(worker: Worker, classifier: HybridClassifier, refused: str) -> None:
    """Let the application of a worker answer by another classifier, before its first request."""
    from app.serving_info import SERVING, show_version  # noqa: PLC0415

    show_version(SERVING, classifier.get_model_info())
    _equip(worker, classifier=classifier, refused=refused)


def _equip(worker: Worker, **members: object) -> None:
    """Replace members of the service of a worker, before its first request."""
    extensions = worker.wsgi.extensions
    if "logo" in extensions:  # none in the bare view of the benchmarks
        extensions["logo"] = replace(extensions["logo"], **members)


def _reachable(bind: str) -> str:
    """Return an address at which a browser on this machine finds the service."""
    return bind.replace("0.0.0.0:", "127.0.0.1:").replace("[::]:", "[::1]:")
