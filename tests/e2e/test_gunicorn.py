"""How master and workers start, fail, are replaced and end."""

from __future__ import annotations

import os
import signal
import socket
import struct
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import psutil
from redis import Redis

from app.server.places import pid_file
from tests.logo_classifier.network.networks import describe, write_uint8_network
from tests.waiting import PATIENCE_SECONDS, wait_until

from .conftest import Server, ServerMaker, count, ready_marks, start

ImageMaker = Callable[..., bytes]

PNG = {"Content-Type": "image/png"}


def worker_pid(server: Server) -> int:
    pid = server.get("/health").json()["worker_pid"]
    assert isinstance(pid, int)
    return pid


def test_a_broken_network_leaves_the_rules_serving(
    serve: ServerMaker, tmp_path: Path, make_image: ImageMaker
) -> None:
    with serve(model_path=tmp_path, workers=1) as server:
        ready = server.get("/health/ready")
        auto = server.post("/classify", content=make_image(), headers=PNG)
        neural = server.post("/classify?method=neural_network", content=make_image(), headers=PNG)

        assert (ready.status_code, ready.json()["status"]) == (503, "degraded")
        assert (auto.status_code, auto.json()["method_used"]) == (200, "rule_based")
        assert (neural.status_code, neural.json()["error"]) == (503, "model_unavailable")
        assert str(tmp_path) not in neural.text + ready.text
        assert server.process.poll() is None


def test_a_network_that_fails_while_it_warms_up_halts_nobody(
    serve: ServerMaker, tmp_path: Path, make_image: ImageMaker
) -> None:
    folder = tmp_path / "brittle"
    folder.mkdir()
    describe(folder, write_uint8_network(folder / "model.onnx", [0.0] * 7, brittle=True))

    with serve(model_path=folder, workers=1) as server:
        reply = server.post("/classify", content=make_image(), headers=PNG)

        assert (reply.status_code, reply.json()["method_used"]) == (200, "rule_based")
        assert "the classifier did not warm up" in server.log.read_text()


def test_a_bad_setting_stops_the_start_and_is_named(tmp_path: Path) -> None:
    log = tmp_path / "gunicorn.log"

    process, _ = start(log, workers="many")

    assert process.wait(PATIENCE_SECONDS) != 0
    assert "LOGO_WORKERS=many is refused; allowed: a whole number" in log.read_text()


def test_what_pillow_warns_of_does_not_fill_the_log(
    serve: ServerMaker, make_image: ImageMaker
) -> None:
    tags = b"".join(struct.pack(">HHII", 0x200 + tag, 7, 60_000, 8) for tag in range(1000))
    exif = b"Exif\0\0MM\0*" + struct.pack(">IH", 8, 1000) + tags + bytes(4)
    plain = make_image("JPEG")
    segment = b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif

    with serve(workers=1) as server:
        reply = server.post(
            "/classify",
            content=plain[:2] + segment + plain[2:],
            headers={"Content-Type": "image/jpeg"},
        )

        assert reply.status_code == 200
        assert "Skipping tag" not in server.log.read_text()


def test_sigterm_ends_the_server_cleanly_even_while_workers_still_start(
    serve: ServerMaker,
) -> None:
    with serve(workers=4, graceful_timeout_seconds=600) as server:
        assert server.stop() == 0
        assert not server.metrics_folder.exists()
        assert "Traceback" not in server.log.read_text()


def test_requests_under_way_are_finished_before_the_end(
    serve: ServerMaker, make_image: ImageMaker
) -> None:
    with serve(workers=1) as server, socket.create_connection(server.address) as upload:
        picture = make_image()
        head = f"POST /classify HTTP/1.1\r\nHost: x\r\nContent-Length: {len(picture)}\r\n"
        upload.sendall(f"{head}Content-Type: image/png\r\n\r\n".encode() + picture[:10])
        answered = server.get("/health/live").status_code
        server.process.send_signal(signal.SIGTERM)
        upload.sendall(picture[10:])
        upload.settimeout(PATIENCE_SECONDS)

        assert answered == 200
        assert upload.recv(64).startswith(b"HTTP/1.1 200")
        assert server.process.wait(PATIENCE_SECONDS) == 0


def test_probes_are_answered_while_uploads_crawl_in(serve: ServerMaker) -> None:
    with serve(workers=1) as server, ExitStack() as crawling:
        for _ in range(2):
            upload = crawling.enter_context(socket.create_connection(server.address))
            upload.sendall(b"POST /classify HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n")
            upload.sendall(b"Content-Type: image/png\r\n\r\nstart")

        assert server.get("/health").status_code == 200


def test_counts_are_summed_over_the_workers(serve: ServerMaker) -> None:
    with serve(workers=2) as server:
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda _: server.get("/docs"), range(40)))

        assert count(server, "logo_requests_total", endpoint="/docs") == 40


def test_a_killed_master_s_counts_are_cleared_by_the_next_one(serve: ServerMaker) -> None:
    with serve(workers=1) as server:
        server.get("/docs")
        orphan = psutil.Process(worker_pid(server))
        server.process.kill()
        server.process.wait(PATIENCE_SECONDS)
        orphan.wait(PATIENCE_SECONDS)
        assert server.metrics_folder.exists()

    with serve(workers=1, port=server.address[1]) as successor:
        assert count(successor, "logo_requests_total", endpoint="/docs") == 0
        assert not server.metrics_folder.exists()


def test_a_master_that_is_replaced_takes_nothing_from_the_one_that_follows(
    serve: ServerMaker,
) -> None:
    with serve(workers=1) as server:
        server.process.send_signal(signal.SIGUSR2)  # Gunicorn's own way to a new master
        file = pid_file(server.address[1]).with_suffix(".pid.2")
        wait_until(lambda: file.exists() and bool(file.read_text()), "no new master came")
        new = psutil.Process(int(file.read_text()))
        wait_until(lambda: bool(new.children()), "the new master has no worker")
        assert server.stop() == 0
        try:
            assert count(server, "logo_requests_total", endpoint="/docs") == 0
            assert server.get("/docs").status_code == 200
            assert count(server, "logo_requests_total", endpoint="/docs") == 1
        finally:
            new.terminate()
            new.wait(PATIENCE_SECONDS)


def test_a_replaced_worker_s_counts_go_on_in_the_same_files(serve: ServerMaker) -> None:
    with serve(workers=1) as server:
        server.get("/docs")
        old = worker_pid(server)
        files = sorted(server.metrics_folder.glob("*.db"))

        os.kill(old, signal.SIGTERM)
        wait_until(lambda: worker_pid(server) != old, "the worker was never replaced")

        assert count(server, "logo_requests_total", endpoint="/docs") == 1
        assert sorted(server.metrics_folder.glob("*.db")) == files
        wait_until(lambda: ready_marks(server) == 1, "the mark of the old worker stayed")
        assert server.process.poll() is None


def test_a_reload_replaces_the_workers_and_keeps_the_counts(serve: ServerMaker) -> None:
    with serve(workers=1) as server:
        server.get("/docs")
        old = worker_pid(server)

        server.process.send_signal(signal.SIGHUP)
        wait_until(lambda: worker_pid(server) != old, "the worker was never replaced")

        assert count(server, "logo_requests_total", endpoint="/docs") == 1


def test_the_log_ties_a_request_to_its_identifier(serve: ServerMaker) -> None:
    with serve(workers=1) as server:
        server.get("/docs", headers={"X-Request-ID": "edge-7"})
        server.stop()

        assert '"GET /docs HTTP/1.1" 200' in server.log.read_text()
        assert "edge-7" in server.log.read_text()


def test_a_quiet_log_level_silences_the_access_log(serve: ServerMaker) -> None:
    with serve(workers=1, log_level="warning") as server:
        server.get("/docs")
        server.stop()

        assert "GET /docs" not in server.log.read_text()


def test_workers_share_answers_through_redis(
    serve: ServerMaker, make_image: ImageMaker, redis_url: str
) -> None:
    picture = make_image(size=(83, 47))
    with serve(redis_url=redis_url, workers=2) as server:
        wait_until(lambda: len({worker_pid(server) for _ in range(10)}) == 2, "two workers")
        first = server.post("/classify", content=picture, headers=PNG).json()
        with Redis.from_url(redis_url) as store:
            key = f"logo:results:*{first['image']['sha256']}*"
            wait_until(lambda: bool(store.keys(key)), "the answer is stored")
        replies = [server.post("/classify", content=picture, headers=PNG).json() for _ in range(29)]

        assert [reply["cached"] for reply in (first, *replies)] == [False] + [True] * 29
        assert count(server, "logo_cache_lookups_total", cache="results", outcome="miss") == 1
        assert count(server, "logo_cache_lookups_total", cache="results") == 30
        assert count(server, "logo_cache_store_failures_total") == 0
