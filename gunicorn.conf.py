"""Run the service under Gunicorn; every choice comes from `app.config.Settings`."""

import logging
import os
import random
import shutil
import sys
import warnings
from itertools import count

import psutil
from gunicorn.arbiter import Arbiter
from gunicorn.workers.base import Worker

# A reload runs this file again: new workers must not inherit modules of the old code.
for name in [name for name in sys.modules if name.partition(".")[0] == "app"]:
    del sys.modules[name]

from app.config import Settings
from app.reload import memory_folder, pid_file
from app.server import set_up_malloc

settings = Settings.from_env(os.environ)
metrics_folders = f"logo-metrics-{settings.port}-"
metrics_folder = memory_folder() / f"{metrics_folders}{os.getpid()}"

# Read at the first import of OpenMP's users and of prometheus_client: before any worker.
os.environ["OMP_NUM_THREADS"] = str(settings.inference_threads)
os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(metrics_folder)
logging.basicConfig(
    level=settings.log_level.upper(),
    format="[%(asctime)s] [%(process)d] [%(levelname)s] %(name)s: %(message)s",
)

# A picture chooses what Pillow warns of, and could fill the log.
warnings.filterwarnings("ignore", module=r"PIL\.")

wsgi_app = "wsgi:app"
bind = settings.bind
workers = settings.workers
threaded = settings.worker_class == "gthread"
worker_class = "app.server.BoundedThreadWorker" if threaded else settings.worker_class
threads = settings.threads
worker_connections = settings.worker_connections
timeout = settings.timeout_seconds
graceful_timeout = settings.graceful_timeout_seconds
keepalive = settings.keepalive_seconds
max_requests = settings.max_requests
max_requests_jitter = settings.max_requests_jitter
preload_app = False  # inference runtimes do not survive a fork
control_socket_disable = True
pidfile = str(pid_file(settings.port))
worker_tmp_dir = str(memory_folder())
loglevel = settings.log_level
accesslog = "-" if settings.log_level in ("debug", "info") else None
access_log_format = '%(h)s "%(r)s" %(s)s %(b)s bytes %(M)s ms %({x-request-id}o)s'


def on_starting(_server: Arbiter) -> None:
    """Begin with no counts of an earlier run, which a reload keeps, and with malloc set up."""
    set_up_malloc()
    for left in memory_folder().glob(f"{metrics_folders}*"):
        # A master that was killed leaves its folder; one that is being replaced counts on.
        pid = left.name.removeprefix(metrics_folders)
        if pid.isdecimal() and (int(pid) == os.getpid() or not psutil.pid_exists(int(pid))):
            shutil.rmtree(left, ignore_errors=True)
    metrics_folder.mkdir(mode=0o700)


def pre_fork(server: Arbiter, worker: Worker) -> None:
    """Give the worker the lowest free number."""
    taken = {sibling.slot for sibling in server.WORKERS.values()}
    worker.slot = next(number for number in count() if number not in taken)


def post_fork(_server: Arbiter, worker: Worker) -> None:
    """Let the worker count under its number, before it imports the application."""
    from prometheus_client import values

    # Not under its pid: a replaced worker's counts go on instead of piling up as files.
    values.ValueClass = values.MultiProcessValue(lambda: worker.slot)


def post_worker_init(worker: Worker) -> None:
    """Warm the classifier before the first request.

    Not in post_fork, where a worker does not listen to signals yet: a SIGTERM during the
    warm-up would be lost, and the end delayed by the whole graceful timeout.
    """
    from app.api.worker import process_classifier

    try:
        process_classifier(settings).warm_up()
    except Exception:  # blind, as one that escapes halts the master and every worker
        worker.log.exception("the classifier did not warm up")


def post_request(worker: Worker, _request: object, _environ: object, _response: object) -> None:
    """Replace a worker whose memory has grown beyond the limit even without its caches."""
    if not settings.worker_memory_mb or not worker.alive:
        return
    from app.api.worker import process_classifier

    classifier = process_classifier(settings)
    limit_mb = settings.worker_memory_mb * (1 + random.Random(worker.pid).random() / 10)  # noqa: S311
    if classifier.get_memory_usage()["rss_mb"] <= limit_mb:
        return
    classifier.cleanup_memory()
    held_mb = classifier.get_memory_usage()["rss_mb"]
    if held_mb > limit_mb:
        worker.log.warning("%.0f MB are in use, %.0f allowed: replaced", held_mb, limit_mb)
        worker.alive = False


def child_exit(_server: Arbiter, worker: Worker) -> None:
    """Take a dead worker out of the gauges."""
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(worker.slot)


def on_exit(_server: Arbiter) -> None:
    """Leave nothing behind."""
    shutil.rmtree(metrics_folder, ignore_errors=True)
