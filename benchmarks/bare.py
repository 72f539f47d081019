"""Serve the least that a Flask view can do with an upload: the mark our service is held against.

It runs under the same `gunicorn.conf.py`: the same worker class, threads, places and keep-alive.
The memory check after each request is switched off, since it is the service's own work. The worker
class asks what is in work before it takes a connection: here that is nothing, ever.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from types import SimpleNamespace

from flask import Flask, request

from app.api.admission import Admission
from app.config import Settings
from benchmarks.service import READY_PATH, Served, serving

app = Flask(__name__)
app.extensions["logo"] = SimpleNamespace(admission=Admission(Settings()))


@app.post("/classify")
def classify() -> dict[str, int]:
    """Read the upload and answer with its length in bytes."""
    return {"bytes": len(request.get_data(cache=False))}


@app.get(READY_PATH)
def ready() -> dict[str, str]:
    """Answer 200."""
    return {"status": "ok"}


def serving_bare(**environ: str) -> AbstractContextManager[Served]:
    """Run the bare view with two workers and these variables until the block ends."""
    return serving("benchmarks.bare:app", LOGO_WORKER_MEMORY_MB="0", **environ)
