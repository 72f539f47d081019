"""Every kind of client sees the refusal of a body that is too large, not a broken connection."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Callable
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import httpx
import pytest
import requests

from tests.waiting import PATIENCE_SECONDS

from .conftest import Server, ServerMaker

TOO_LARGE_BYTES = 60 * 1024 * 1024
PNG = {"Content-Type": "image/png"}

PAGE = """<!doctype html><body>waiting<script>
const picture = new Blob([new Uint8Array(%d)], {type: "image/png"});
const form = new FormData();
form.append("image", picture, "large.png");
fetch("%s/classify", {method: "POST", body: form})
  .then(reply => reply.json().then(body => `${reply.status} ${body.error}`))
  .catch(error => `broken: ${error}`)
  .then(text => { document.body.textContent = text; });
</script></body>"""


def by_curl(url: str, file: Path) -> str:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    command = ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "-F", f"image=@{file}", url]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def by_curl_raw(url: str, file: Path) -> str:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    command = [
        "curl",
        "-s",
        "-o",
        "/dev/null",
        "-w",
        "%{http_code}",
        "-H",
        "Content-Type: image/png",
    ]
    command += ["--data-binary", f"@{file}", url]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def by_httpx(url: str, file: Path) -> str:
    with file.open("rb") as data:
        reply = httpx.post(url, files={"image": data}, timeout=PATIENCE_SECONDS)
    return str(reply.status_code)


def by_requests(url: str, file: Path) -> str:
    with file.open("rb") as data:
        reply = requests.post(url, data=data, headers=PNG, timeout=PATIENCE_SECONDS)
    return str(reply.status_code)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("large") / "large.png"
    file.write_bytes(bytes(TOO_LARGE_BYTES))
    return file


@pytest.mark.parametrize("send", [by_curl, by_curl_raw, by_httpx, by_requests])
def test_a_client_sees_that_its_body_is_too_large(
    server: Server, large: Path, send: Callable[[str, Path], str]
) -> None:
    assert send(f"{server.url}/classify", large) == "413"


def test_a_browser_sees_that_its_file_is_too_large(serve: ServerMaker, tmp_path: Path) -> None:
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("no Chromium is installed")
    handler = partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as pages:
        Thread(target=pages.serve_forever, daemon=True).start()
        origin = f"http://127.0.0.1:{pages.server_port}"
        with serve(workers=1, cors_origins=origin) as server:
            (tmp_path / "page.html").write_text(PAGE % (TOO_LARGE_BYTES, server.url))
            options = ["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"]
            options += [f"--user-data-dir={tmp_path / 'profile'}", "--virtual-time-budget=60000"]
            done = subprocess.run(
                [program, *options, f"{origin}/page.html"],
                check=True,
                capture_output=True,
                text=True,
                timeout=PATIENCE_SECONDS,
            )
        pages.shutdown()

    assert "413 image_too_large" in done.stdout


def test_clients_that_do_not_close_do_not_stall_the_others(serve: ServerMaker) -> None:
    with serve(workers=1) as server:
        lingering = []
        for _ in range(20):
            client = socket.create_connection(server.address)
            client.sendall(b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n")
            client.recv(64)
            lingering.append(client)

        # Two seconds for each of them would be forty.
        assert httpx.get(f"{server.url}/health/live", timeout=15).status_code == 200
        for client in lingering:
            client.close()
