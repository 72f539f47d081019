"""What happens under load when workers die, are replaced, and strangers send rubbish."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from itertools import cycle, islice
from pathlib import Path

import httpx
import psutil
import pytest
from PIL import Image

from tests.waiting import wait_until

from .conftest import ROOT, Server, ServerMaker, count

ImageMaker = Callable[..., bytes]

PNG = {"Content-Type": "image/png"}
LOST = "lost"


def workers(server: Server) -> set[int]:
    return {child.pid for child in psutil.Process(server.process.pid).children()}


def ask(server: Server, picture: bytes) -> str:
    """Return the type, the refusal, or that the connection was lost."""
    try:
        reply = server.post("/classify", content=picture, headers=PNG)
    except httpx.TransportError:
        return LOST
    body = reply.json()
    return str(body.get("logo_type") or f"{reply.status_code} {body['error']}")


def ask_all(
    server: Server, pictures: Sequence[bytes], clients: int, meanwhile: Callable[[], object]
) -> list[str]:
    """Send the pictures from several clients and do something when the first are answered."""
    with ThreadPoolExecutor(clients) as pool:
        asked = [pool.submit(ask, server, picture) for picture in pictures]
        asked[len(asked) // 4].result()
        meanwhile()
        return [answer.result() for answer in asked]


def test_a_killed_worker_costs_its_own_requests_only(
    serve: ServerMaker, make_image: ImageMaker
) -> None:
    with serve(workers=2, enable_caching="false") as server:
        wait_until(lambda: len(workers(server)) == 2, "the workers never came")
        victim = min(workers(server))

        answers = ask_all(server, [make_image()] * 200, 4, lambda: os.kill(victim, signal.SIGKILL))
        wait_until(lambda: len(workers(server) - {victim}) == 2, "no new worker came")

        counts = Counter(answers)
        assert counts[LOST] <= 4
        assert set(counts) - {LOST} <= {"simple", "text", "gradient", "complex"}
        assert ask(server, make_image()) != LOST
        assert list(server.temporary_folder.iterdir()) == []


def test_a_worker_that_is_killed_at_work_is_taken_out_of_the_gauges(serve: ServerMaker) -> None:
    large = BytesIO()
    Image.effect_noise((4000, 4000), 90).save(large, "PNG")
    gauges = ("logo_classifications_in_progress", "logo_pictures_pending")
    with serve(workers=1) as server, ThreadPoolExecutor(1) as pool:
        (victim,) = workers(server)
        asked = pool.submit(ask, server, large.getvalue())
        wait_until(lambda: count(server, gauges[0]) == 1, "the picture is not worked on")

        os.kill(victim, signal.SIGKILL)

        assert asked.result() == LOST
        wait_until(lambda: bool(workers(server) - {victim}), "no new worker came")
        assert [count(server, gauge) for gauge in gauges] == [0, 0]


def test_a_reload_under_load_loses_nothing(serve: ServerMaker, make_image: ImageMaker) -> None:
    with serve(workers=2, enable_caching="false") as server:
        wait_until(lambda: len(workers(server)) == 2, "the workers never came")
        before = workers(server)

        def reload() -> None:
            environ = os.environ | {"LOGO_PORT": str(server.address[1])}
            command = [sys.executable, "-m", "app", "reload"]
            done = subprocess.run(
                command, check=False, cwd=ROOT, env=environ, capture_output=True, text=True
            )
            assert done.returncode == 0, done.stderr
            assert set(map(int, done.stdout.split(":")[1].split())) == workers(server)

        answers = ask_all(server, [make_image()] * 300, 4, reload)

        assert not before & workers(server)
        assert len(set(answers)) == 1
        assert answers[0] in ("simple", "text", "gradient", "complex")


def test_a_reload_without_a_server_says_so() -> None:
    command = [sys.executable, "-m", "app", "reload"]
    environ = os.environ | {"LOGO_PORT": "1"}

    done = subprocess.run(
        command, check=False, cwd=ROOT, env=environ, capture_output=True, text=True
    )

    assert done.returncode == 1
    assert "not reloaded" in done.stderr
    assert "Traceback" not in done.stderr


def test_good_pictures_among_500_bad_ones_are_all_answered_rightly(
    server: Server, golden: dict[Path, str]
) -> None:
    good = [(picture.read_bytes(), kind) for picture, kind in golden.items()]
    bad = [good[i % len(good)][0][: 20 + i] for i in range(250)] + [
        os.urandom(1 + 7 * i) for i in range(250)
    ]
    wanted = [*islice(cycle(good), 60), *((data, None) for data in bad)]
    wanted.sort(key=lambda pair: pair[0][-1:])

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda pair: ask(server, pair[0]), wanted))

    refusals = Counter(a for a, (_, kind) in zip(answers, wanted, strict=True) if kind is None)
    assert [a for a, (_, kind) in zip(answers, wanted, strict=True) if kind] == [
        kind for _, kind in wanted if kind
    ]
    assert set(refusals) == {"415 unsupported_format", "422 invalid_image"}


def test_requests_beyond_the_bound_are_refused_while_probes_are_answered(
    serve: ServerMaker, make_image: ImageMaker
) -> None:
    with serve(workers=1, max_pending=1, max_batch_files=1, enable_caching="false") as server:
        statuses: list[int] = []

        def probe() -> None:
            statuses.append(server.get("/health/live").status_code)

        answers = ask_all(server, [make_image()] * 100, 20, probe)

        assert statuses == [200]
        assert set(answers) - {"503 overloaded"} <= {"simple", "text", "gradient", "complex"}
        assert 0 < Counter(answers)["503 overloaded"] < 100


def test_a_worker_above_its_memory_is_replaced_without_losing_a_request(
    serve: ServerMaker, make_image: ImageMaker
) -> None:
    with serve(workers=2, worker_memory_mb=1) as server:
        before = workers(server)

        answers: set[str] = set()

        def all_replaced() -> bool:
            answers.add(ask(server, make_image()))
            return not before & workers(server)

        wait_until(all_replaced, "the workers were never replaced")

        assert len(answers) == 1
        assert LOST not in answers
        assert "MB are in use" in server.log.read_text()


@pytest.mark.parametrize(
    ("start", "answer"),
    [
        (b"POST /classify HTTP/1.1\r\nHost: x\r\nContent-Le", b""),
        (
            b"POST /classify HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n"
            b"Content-Type: image/png\r\n\r\nstart",
            b"HTTP/1.1 408 ",
        ),
        (
            b"POST /classify HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n"
            b"Content-Type: multipart/form-data; boundary=b\r\n\r\n--b\r\nContent-Disp",
            b"HTTP/1.1 408 ",
        ),
        (
            b"POST /classify HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
            b"Content-Type: image/png\r\n\r\n5\r\nstart",
            b"HTTP/1.1 400 ",
        ),
    ],
    ids=["a header", "a body", "a form", "a chunk"],
)
def test_a_client_that_sends_too_slowly_is_not_listened_to_for_ever(
    serve: ServerMaker, start: bytes, answer: bytes
) -> None:
    with (
        serve(workers=1, upload_timeout_seconds=1) as server,
        socket.create_connection(server.address, timeout=30) as client,
    ):
        client.sendall(start)

        received = b"".join(iter(lambda: client.recv(4096), b""))

        assert received.startswith(answer)
