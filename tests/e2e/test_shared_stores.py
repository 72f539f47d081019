"""Threads that classify, share batches and write behind use one store at the same time."""

from __future__ import annotations

from collections.abc import Callable

import psutil
import pytest

from .conftest import ServerMaker, count

PNG = {"Content-Type": "image/png"}


@pytest.mark.parametrize("store", ["redis", "memcached"])
def test_no_picture_fails_and_no_connection_is_left_over(
    serve: ServerMaker,
    make_image: Callable[..., bytes],
    request: pytest.FixtureRequest,
    store: str,
) -> None:
    settings = {f"{store}_url": request.getfixturevalue(f"{store}_url")}
    pictures = [make_image(size=(40 + number, 31)) for number in range(120)]
    with serve(workers=1, **settings) as server:

        def send_batch(first: int) -> None:
            files = [("images", (str(at), pictures[at])) for at in range(first, first + 4)]
            reply = server.post("/classify/batch", files=files)
            assert reply.json()["summary"]["failed"] == 0

        for picture in pictures[:40]:
            assert server.post("/classify", content=picture, headers=PNG).status_code == 200
        send_batch(40)
        send_batch(44)
        (worker,) = psutil.Process(server.process.pid).children()
        held = worker.num_fds()
        for first in range(48, 120, 4):
            send_batch(first)

        assert worker.num_fds() <= held + 2
        assert count(server, "logo_cache_store_failures_total") == 0
        assert count(server, "logo_cache_lookups_total", cache="results", outcome="miss") == 120
