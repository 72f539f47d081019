"""Turn the settings into Gunicorn's configuration."""

from __future__ import annotations

import logging
import os
import warnings
from typing import Any

from app.config import Settings
from app.server.hooks import Hooks
from app.server.log_lines import TEXT_FORMAT, JsonFormatter
from app.server.logs import JsonLogger, QueuedHandler, QueuedLogger
from app.server.masters import forget_stale_master
from app.server.metrics_files import require_room
from app.server.places import memory_folder, metrics_folder, pid_file

_LOGGERS = {"text": QueuedLogger.__name__, "json": JsonLogger.__name__}


def configure(settings: Settings) -> dict[str, Any]:
    """Set up the master process; return Gunicorn's settings and server hooks by name.

    Raises SystemExit with a line that says what to do if the folder in memory is full.
    """
    folder = metrics_folder(settings.port, os.getpid())
    forget_stale_master(pid_file(settings.port), settings.port)
    require_room(memory_folder(), settings.workers)
    # Libraries with OpenMP and prometheus_client read these on import, so they are set before any
    # worker starts.
    os.environ["OMP_NUM_THREADS"] = str(settings.inference_threads)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
    logging.basicConfig(
        level=settings.log_level.upper(),
        handlers=[QueuedHandler(2, _formatter(settings))],
    )
    # Pictures can cause any number of Pillow's warnings, which would fill the log.
    warnings.filterwarnings("ignore", module=r"PIL\.")
    return _options(settings) | Hooks(settings, folder).named()


def _options(settings: Settings) -> dict[str, Any]:
    return {
        "wsgi_app": "wsgi:app",
        "bind": settings.bind,
        "workers": settings.workers,
        "worker_class": "app.server.worker.BoundedWorker",
        "threads": 1,  # of Gunicorn: the application has its own
        "sendfile": False,  # would wait for a client outside the greenlets
        "worker_connections": settings.worker_connections,
        "timeout": settings.timeout_seconds,
        "graceful_timeout": settings.graceful_timeout_seconds,
        "keepalive": settings.keepalive_seconds,
        "max_requests": settings.max_requests,
        "max_requests_jitter": settings.max_requests_jitter,
        "secure_scheme_headers": {},  # app.api.access.proxies reads the headers of trusted proxies
        "forwarder_headers": "",  # SCRIPT_NAME and PATH_INFO of a client on loopback are no truth
        "header_map": "drop",
        "preload_app": False,  # inference runtimes do not survive a fork
        "control_socket_disable": True,
        "pidfile": str(pid_file(settings.port)),
        "worker_tmp_dir": str(memory_folder()),
        "logger_class": f"app.server.logs.{_LOGGERS[settings.log_format]}",
        "loglevel": settings.log_level,
        "accesslog": "-" if settings.log_level in ("debug", "info") else None,
    }


def _formatter(settings: Settings) -> logging.Formatter:
    return JsonFormatter() if settings.log_format == "json" else logging.Formatter(TEXT_FORMAT)
