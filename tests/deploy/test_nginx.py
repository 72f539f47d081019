"""The nginx of `deploy/nginx` stands in front of the real service, as Debian's nginx runs it."""

from __future__ import annotations

import getpass
import shutil
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from threading import Thread

import httpx
import pytest

from app.config import Settings
from tests.conftest import ImageMaker
from tests.e2e.conftest import ServerMaker
from tests.servers import free_port
from tests.waiting import PATIENCE_SECONDS, wait_until

FOLDER = Path(__file__).parents[2] / "deploy" / "nginx"
CONFIGURATION = (FOLDER / "nginx.conf").read_text("utf-8")

ProxyMaker = Callable[..., AbstractContextManager[str]]


def once(text: str, old: str, new: str) -> str:
    """Replace what must be there exactly once."""
    assert text.count(old) == 1, old
    return text.replace(old, new)


@pytest.fixture
def proxy(tmp_path: Path) -> ProxyMaker:
    """Return a maker of proxies that differ from `deploy/nginx` in addresses and folders alone."""
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin")
    if program is None:
        pytest.skip("nginx is not installed")

    @contextmanager
    def run(service_port: int, site: str = "site.conf") -> Iterator[str]:
        folder, port = tmp_path / "nginx", free_port()
        shutil.copytree(FOLDER, folder)
        shutil.copy(FOLDER / site, folder / "site.conf")
        text = once(CONFIGURATION, "server logo:8000", f"server 127.0.0.1:{service_port}")
        text = once(text, "listen 8080", f"listen 127.0.0.1:{port}")
        # Each worker keeps connections of its own; with one it is known which comes next.
        text = once(text, "worker_processes auto", "worker_processes 1")
        text = text.replace("/tmp/", f"{tmp_path}/")  # noqa: S108 - the folder of the container
        text = once(text, "/dev/stdout", f"{tmp_path}/access.log")
        (folder / "nginx.conf").write_text(text)
        command = [program, "-c", str(folder / "nginx.conf"), "-e", "stderr"]
        checked = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
        assert checked.returncode == 0, checked.stderr
        assert "[warn]" not in checked.stderr
        # Started by root, the workers of nginx could not enter the folder of the test.
        options = f"daemon off; user {getpass.getuser()};"
        with subprocess.Popen([*command, "-g", options]) as process:
            try:
                wait_until(lambda: _answers(f"http://127.0.0.1:{port}/nothing"), "nginx answers")
                yield f"http://127.0.0.1:{port}"
            finally:
                process.send_signal(signal.SIGTERM)
                process.wait(PATIENCE_SECONDS)

    return run


def _answers(url: str) -> bool:
    try:
        httpx.get(url, timeout=PATIENCE_SECONDS)
    except httpx.TransportError:
        return False
    return True


def post(url: str, picture: bytes, **headers: str) -> httpx.Response:
    files = {"image": ("logo.png", picture, "image/png")}
    return httpx.post(url, files=files, headers=headers, timeout=PATIENCE_SECONDS)


def test_a_form_and_a_batch_come_through_over_kept_connections(
    serve: ServerMaker, proxy: ProxyMaker, make_image: ImageMaker
) -> None:
    large = make_image("BMP", (900, 900))  # more than nginx keeps in memory
    with (
        serve(trusted_proxies=1, keepalive_seconds=75) as server,
        proxy(server.address[1]) as url,
    ):
        for picture in (make_image(), large):
            assert post(f"{url}/classify", picture).json()["image"]["bytes"] == len(picture)
        files = [("images", ("logo.png", make_image())) for _ in range(3)]
        batch = httpx.post(f"{url}/classify/batch", files=files, timeout=PATIENCE_SECONDS)

        assert [result["logo_type"] for result in batch.json()["results"]] == ["simple"] * 3


def test_the_body_limits_of_both_are_told_as_problems(
    serve: ServerMaker, proxy: ProxyMaker
) -> None:
    kinds = []
    with serve(trusted_proxies=1) as server, proxy(server.address[1]) as url:
        for megabytes in (60, 110):
            reply = httpx.post(
                f"{url}/classify",
                content=bytes(megabytes * 2**20),
                headers={"Content-Type": "image/png", "X-Request-ID": f"sent-{megabytes}"},
                timeout=PATIENCE_SECONDS,
            )
            told = reply.json()
            kinds.append((reply.status_code, told["status"], told["error"], told["request_id"]))
            assert reply.headers["Content-Type"] == "application/problem+json"
            assert reply.headers["X-Request-ID"] == f"sent-{megabytes}"
            assert {"type", "title", "detail"} <= told.keys()

    assert kinds == [
        (413, 413, "image_too_large", "sent-60"),
        (413, 413, "image_too_large", "sent-110"),
    ]


def test_a_client_counts_by_the_address_that_nginx_saw_and_is_told_when_to_come_back(
    serve: ServerMaker, proxy: ProxyMaker, make_image: ImageMaker
) -> None:
    settings = {"trusted_proxies": 1, "rate_limit": "2/day", "workers": 1}
    with serve(**settings) as server, proxy(server.address[1]) as url:
        claimed = [
            post(f"{url}/classify", make_image(), **{"X-Forwarded-For": f"192.0.2.{number}"})
            for number in range(3)
        ]

        assert [reply.status_code for reply in claimed] == [200, 200, 429]
        assert int(claimed[-1].headers["Retry-After"]) > 0
        assert claimed[-1].json()["error"] == "too_many_requests"


def test_a_service_below_a_path_names_it_in_its_links(
    serve: ServerMaker, proxy: ProxyMaker, make_image: ImageMaker
) -> None:
    with (
        serve(trusted_proxies=1) as server,
        proxy(server.address[1], "site-below-path.conf") as url,
    ):
        assert post(f"{url}/logos/classify?method=rule_based", make_image()).json()[
            "method_used"
        ] == ("rule_based")
        refused = post(f"{url}/logos/classify", b"no picture")
        assert refused.json()["type"].startswith("/logos/docs#")
        page = httpx.get(f"{url}/logos/", headers={"X-Forwarded-Prefix": "/evil"})
        assert 'action="/logos/' in page.text
        assert "/evil" not in page.text
        assert httpx.get(f"{url}/logos").headers["Location"].endswith("/logos/")


def test_calls_are_tried_below_a_path(serve: ServerMaker, proxy: ProxyMaker) -> None:
    browsers = pytest.importorskip("tests.e2e.browsers")
    with (
        serve(trusted_proxies=1) as server,
        proxy(server.address[1], "site-below-path.conf") as url,
        browsers.launched() as browser,
        browsers.visit(browser, f"{url}/logos/") as page,
    ):
        page.goto(f"{url}/logos/docs/try")
        page.locator("#operations-default-live .opblock-summary-control").click()
        page.get_by_role("button", name="Execute").click()
        answer = page.locator(".live-responses-table tbody .response-col_description").first
        answer.get_by_text("healthy").wait_for()


@pytest.mark.parametrize(
    ("site", "path"), [("site.conf", "/metrics"), ("site-below-path.conf", "/logos/metrics")]
)
def test_metrics_are_not_for_the_outside(
    serve: ServerMaker, proxy: ProxyMaker, site: str, path: str
) -> None:
    with serve() as server, proxy(server.address[1], site) as url:
        reply = httpx.get(url + path, timeout=PATIENCE_SECONDS)

        assert (reply.status_code, reply.json()["error"]) == (404, "not_found")
        assert reply.headers["X-Request-ID"] == reply.json()["request_id"]


def test_a_service_that_is_gone_is_told_as_a_problem(proxy: ProxyMaker) -> None:
    with proxy(free_port()) as url:
        reply = httpx.get(
            f"{url}/health", headers={"X-Request-ID": 'a"b'}, timeout=PATIENCE_SECONDS
        )

        assert (reply.status_code, reply.json()["error"]) == (502, "bad_gateway")
        assert reply.headers["Retry-After"] == "1"
        assert reply.json()["request_id"] != 'a"b'


def test_its_bounds_are_those_of_the_service() -> None:
    settings = Settings()
    passed = (FOLDER / "proxy.conf").read_text("utf-8")

    def seconds(name: str, text: str = CONFIGURATION) -> int:
        (found,) = [line for line in text.splitlines() if line.strip().startswith(f"{name} ")]
        return int(found.split()[1].partition("s")[0])

    assert "client_max_body_size 101m;" in CONFIGURATION
    assert settings.max_batch_bytes == 100 * 2**20
    assert seconds("client_body_timeout") == settings.upload_timeout_seconds
    assert seconds("send_timeout") == settings.reply_timeout_seconds
    assert seconds("proxy_read_timeout", passed) > settings.request_timeout_seconds


@contextmanager
def run_fickle_service() -> Iterator[tuple[int, list[bytes]]]:
    """Close each kept connection at its second request, as a worker that is replaced does.

    Yields the port, and the request lines that came in.
    """
    lines: list[bytes] = []

    def answer() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:  # the listener was shut down: the test is over
                return
            with client:
                lines.append(client.recv(65536).partition(b"\r\n")[0])
                client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
                if second := client.recv(65536):
                    lines.append(second.partition(b"\r\n")[0])

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=answer)
        thread.start()
        yield int(listener.getsockname()[1]), lines
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


@pytest.mark.parametrize(("path", "status"), [("/classify", 200), ("/anything-else", 502)])
def test_only_what_may_be_repeated_is_sent_again(proxy: ProxyMaker, path: str, status: int) -> None:
    with run_fickle_service() as (port, lines), proxy(port) as url:
        lines.clear()
        first = httpx.get(f"{url}/health", timeout=PATIENCE_SECONDS)
        reply = httpx.post(url + path, content=b"x", timeout=PATIENCE_SECONDS)

    assert (first.status_code, reply.status_code) == (200, status)
    assert lines.count(f"POST {path} HTTP/1.1".encode()) == (2 if status == 200 else 1)
