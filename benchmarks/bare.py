"""The baseline of the service: a Flask view that only reads its upload.

It runs under the same `gunicorn.conf.py`: the same worker class, connections and keep-alive. The
memory check after each request is off, since it is work of the service.
"""

from __future__ import annotations

from contextlib import AbstractContextManager

from flask import Flask, request

from benchmarks.service import READY_PATH, Served, serving

app = Flask(__name__)


@app.post("/classify")
def classify() -> dict[str, int]:
    """Read the upload and reply with its length in bytes."""
    return {"bytes": len(request.get_data(cache=False))}


@app.get(READY_PATH)
def ready() -> dict[str, str]:
    """Reply 200."""
    return {"status": "ok"}


def serving_bare(**environ: str) -> AbstractContextManager[Served]:
    """Run the bare view with two workers and these environment variables inside the block."""
    return serving("benchmarks.bare:app", LOGO_WORKER_MEMORY_MB="0", **environ)
