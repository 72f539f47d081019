"""Real Gunicorn traces pictures, and nothing that a client sends stops it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import httpx
import numpy as np
import psutil
from PIL import Image

from tests.waiting import PATIENCE_SECONDS, wait_until

from .conftest import ROOT, ServerMaker, count

MOON = (ROOT / "models" / "golden" / "moon.png").read_bytes()
KEY = "first-key-0123456789"
HEADERS = {"X-API-Key": KEY, "Content-Type": "image/png"}
HOSTILE = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def noise() -> bytes:
    pixels = np.random.default_rng(0).integers(0, 256, (767, 767, 3), np.uint8)
    out = BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


def test_logos_become_drawings_and_bad_files_problems(serve: ServerMaker) -> None:
    with serve(workers=1, trace="on", api_keys=KEY) as server:
        drawn = server.post("/trace", content=MOON, headers=HEADERS)
        told = server.post(
            "/trace", content=MOON, headers={**HEADERS, "Accept": "application/json"}
        )
        nobody = server.post("/trace", content=MOON, headers={"Content-Type": "image/png"})
        hostile = server.post("/trace", content=HOSTILE, headers=HEADERS)
        traced = count(server, "logo_stage_duration_seconds_count", stage="trace")
        log = server.log.read_text()

    assert (drawn.status_code, drawn.headers["Content-Type"]) == (200, "image/svg+xml")
    assert "<path" in drawn.text
    assert "<script" not in drawn.text
    assert "href" not in drawn.text
    assert told.json()["svg"] == drawn.text
    assert (nobody.status_code, nobody.json()["error"]) == (401, "unauthorized")
    assert (hostile.status_code, hostile.json()["error"]) == (415, "unsupported_format")
    assert traced == 2
    assert "Traceback" not in log


def test_pictures_are_classified_and_probes_answered_while_noise_is_traced(
    serve: ServerMaker,
) -> None:
    with serve(workers=1, trace="on") as server, ThreadPoolExecutor(1) as pool:
        ended = threading.Event()
        url = f"{server.url}/trace"
        headers = {"Content-Type": "image/png"}
        slow = pool.submit(
            httpx.post, url, content=noise(), headers=headers, timeout=PATIENCE_SECONDS
        )
        slow.add_done_callback(lambda _: ended.set())
        (worker,) = psutil.Process(server.process.pid).children()
        wait_until(lambda: len(worker.children()) == 1, "the tracer has a process")

        assert server.post("/classify", content=MOON, headers=headers).status_code == 200
        assert server.get("/health/ready").status_code == 200
        beside = not ended.is_set()

        refused = slow.result()
        wait_until(lambda: worker.children() == [], "the tracer has ended")
        assert psutil.pid_exists(worker.pid)

    assert beside
    assert (refused.status_code, refused.json()["error"]) == (422, "too_detailed")


def test_without_the_setting_no_picture_is_traced(server: object, http: httpx.Client) -> None:
    reply = http.post("/trace", content=MOON, headers={"Content-Type": "image/png"})

    assert (reply.status_code, reply.json()["error"]) == (404, "tracing_off")


def test_without_vtracer_the_service_does_not_start_and_names_the_extra() -> None:
    program = (
        "import sys, importlib.util as u; found = u.find_spec; "
        "u.find_spec = lambda name, *rest: None if name == 'vtracer' else found(name, *rest); "
        "from app.config import settings_or_exit; settings_or_exit({'LOGO_TRACE': 'on'})"
    )

    ended = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 1
    assert ended.stderr.count("\n") == 1
    assert "LOGO_TRACE=on is refused" in ended.stderr
    assert "logo-classifier[trace]" in ended.stderr
