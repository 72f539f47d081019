"""Say whether the service is fit to run here: `python -m app doctor`."""

from __future__ import annotations

import json
import resource
import secrets
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

import psutil

from app.assembly import model_folder
from app.config import Settings
from app.processors import available_processors
from app.server.masters import find_master
from app.server.metrics_files import require_room
from app.server.places import memory_folder, pid_file
from logo_classifier import (
    BadParameter,
    FeedbackUnavailable,
    Finding,
    Level,
    ModelUnavailable,
    StoreError,
    examine,
    open_feedback,
    open_store,
)

_FILES_BESIDE = 64
"""Files that a worker holds open beside its connections, generously."""

_MIB = 1024 * 1024
_LEAST_FREE_MIB = 100

_KEY = "logo-classifier-doctor"


def main(environ: Mapping[str, str], as_json: bool) -> int:
    """Print what is found; return 1 if something fails, else 0."""
    findings = []
    for finding in examine_service(environ):
        findings.append(finding)
        if not as_json:
            sys.stdout.write(f"{finding}\n")
            sys.stdout.flush()
    fit = not any(finding.level is Level.FAIL for finding in findings)
    if as_json:
        told = {"fit": fit, "findings": [finding.to_dict() for finding in findings]}
        sys.stdout.write(json.dumps(told, indent=1) + "\n")
    return 0 if fit else 1


def examine_service(environ: Mapping[str, str]) -> Iterator[Finding]:
    """Yield what is found about the settings, what they name, and this machine.

    Settings that are refused leave out what they would name; the shipped model is examined.
    """
    try:
        settings = Settings.from_env(environ)
    except ValueError as error:
        cure = "docs/settings.md lists all settings with what is allowed"
        yield Finding("settings", Level.FAIL, str(error), cure)
        yield from examine()
        return
    yield Finding("settings", Level.OK, f"they are valid; {settings.bind} is the address")
    yield _running(settings)
    yield _workers(settings)
    yield _files(settings)
    yield _metrics(settings)
    yield _cache(settings)
    yield _feedback(settings)
    try:
        path = model_folder(settings)
    except ModelUnavailable as error:
        cure = "name a version that is there, in LOGO_MODEL or LOGO_MODEL_PATH"
        yield Finding("model", Level.FAIL, str(error), cure)
        path = None
    yield from examine(path)


def _running(settings: Settings) -> Finding:
    try:
        master = find_master(pid_file(settings.port), settings.port)
    except (OSError, ValueError, psutil.Error):
        return Finding("service", Level.OK, f"none of this user runs on port {settings.port}")
    return Finding("service", Level.OK, f"process {master.pid} serves port {settings.port}")


def _workers(settings: Settings) -> Finding:
    usable = available_processors()
    told = f"{settings.workers} workers, {usable} usable processors (limits of containers count)"
    if settings.workers * settings.inference_threads > usable:
        return Finding(
            "workers",
            Level.WARN,
            f"{told}, {settings.inference_threads} inference threads each",
            "lower LOGO_WORKERS or LOGO_INFERENCE_THREADS: they take turns, and all wait longer",
        )
    return Finding("workers", Level.OK, told)


def _files(settings: Settings) -> Finding:
    """Tell whether a worker may open as many files as it may have connections."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = settings.worker_connections + _FILES_BESIDE
    told = f"a worker may open {soft}, and {settings.worker_connections} connections are allowed"
    if soft != resource.RLIM_INFINITY and soft < needed:
        cure = f"raise the limit (ulimit -n {needed}), or lower LOGO_WORKER_CONNECTIONS"
        return Finding("open files", Level.WARN, told, cure)
    return Finding("open files", Level.OK, told)


def _metrics(settings: Settings) -> Finding:
    folder = memory_folder()
    try:
        require_room(folder, settings.workers)
        with tempfile.NamedTemporaryFile(dir=folder, prefix=_KEY) as file:
            file.write(b"room")
            file.flush()
    except SystemExit as error:
        detail, _, cure = str(error.code).partition(": ")
        return Finding("metrics", Level.FAIL, detail, cure)
    except OSError as error:
        detail = f"{folder} cannot be written: {error.strerror}"
        return Finding("metrics", Level.FAIL, detail, "let the service's user write there")
    return Finding("metrics", Level.OK, f"{folder} can be written and has room")


def _cache(settings: Settings) -> Finding:
    url, name = settings.redis_url or settings.memcached_url, "LOGO_REDIS_URL"
    if not url:
        return Finding("cache", Level.OK, "in the memory of each worker; no shared store is set")
    if not settings.redis_url:
        name = "LOGO_MEMCACHED_URL"
    mark = secrets.token_bytes(8)
    try:
        with closing(open_store(url)) as store:  # type: ignore[type-var]  # both stores close
            store.set(_KEY, mark)
            kept = store.get(_KEY) == mark
    except (StoreError, ValueError, ImportError) as error:
        cure = f"start the store, or mend {name}; without it the service runs, and computes more"
        return Finding("cache", Level.FAIL, str(error), cure)
    if not kept:
        cure = f"give the store of {name} memory, and a policy of eviction"
        return Finding("cache", Level.WARN, "the store did not keep what was written", cure)
    return Finding("cache", Level.OK, f"the store of {name} keeps what is written")


def _feedback(settings: Settings) -> Finding:
    if not settings.feedback_url:
        return Finding("feedback", Level.OK, "none is kept; LOGO_FEEDBACK_URL is not set")
    try:
        open_feedback(settings.feedback_url)
    except (BadParameter, FeedbackUnavailable, OSError) as error:
        cure = "let the service's user use the file or database of LOGO_FEEDBACK_URL"
        return Finding("feedback", Level.FAIL, str(error), cure)
    file = settings.feedback_url.removeprefix("sqlite:///")
    if file == settings.feedback_url:
        return Finding("feedback", Level.OK, "the database of LOGO_FEEDBACK_URL can be used")
    folder = Path(file).absolute().parent
    free_mib = shutil.disk_usage(folder).free // _MIB
    told = f"the store of LOGO_FEEDBACK_URL can be used; its disk has {free_mib} MiB free"
    if free_mib < _LEAST_FREE_MIB:
        cure = "free the disk, or lower LOGO_FEEDBACK_DAYS and run `python -m app cleanup`"
        return Finding("feedback", Level.WARN, told, cure)
    return Finding("feedback", Level.OK, told)
