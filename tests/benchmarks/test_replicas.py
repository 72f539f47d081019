"""Replicas behind the real nginx are killed and rolled, and every request is accounted for."""

from __future__ import annotations

import shutil
from pathlib import Path

import httpx
import pytest

from benchmarks.deployed import PROGRAMS, Replica, proxy, redis, replicas
from benchmarks.replicas import AFTER, BOTH, ONE, ROLLING, Asked, Workload, render, run
from benchmarks.service import ServerFailed
from tests.waiting import PATIENCE_SECONDS

GOLDEN = [
    path.read_bytes()
    for path in sorted((Path(__file__).parents[2] / "models" / "golden").glob("*.png"))
]


def need(name: str) -> None:
    if shutil.which(name, path=PROGRAMS[name]) is None:
        pytest.skip(f"{name} is not installed")


def test_clients_are_answered_while_one_replica_is_killed_and_the_other_rolled() -> None:
    need("nginx")

    asked = run(GOLDEN, with_redis=False, spell_seconds=1)

    assert {BOTH, ONE, ROLLING, AFTER} <= {each.spell for each in asked}
    # nginx cannot send a reply again of which the client has a part already.
    failures = {each.outcome for each in asked if each.is_failure}
    assert failures <= {"RemoteProtocolError"}
    assert any(each.repeated and each.cached for each in asked)
    assert not any(each.cached for each in asked if not each.repeated)


def test_what_one_replica_answered_the_other_takes_from_redis(tmp_path: Path) -> None:
    need("redis-server")
    headers = {"Content-Type": "image/png"}

    with redis(tmp_path) as url, replicas(2, LOGO_REDIS_URL=url, LOGO_WORKERS="1") as both:
        cached = [
            httpx.post(
                f"http://127.0.0.1:{replica.port}/classify",
                content=GOLDEN[0],
                headers=headers,
                timeout=PATIENCE_SECONDS,
            ).json()["cached"]
            for replica in both
        ]

    assert cached == [False, True]


def test_a_replica_that_was_killed_listens_no_more_and_starts_again_where_it_was() -> None:
    with replicas(1, LOGO_WORKERS="1") as (replica,):
        url = f"http://127.0.0.1:{replica.port}/health/ready"
        replica.kill()
        with pytest.raises(httpx.ConnectError):
            httpx.get(url)
        replica.start()

        assert httpx.get(url, timeout=PATIENCE_SECONDS).status_code == 200


def test_a_reload_that_fails_is_told() -> None:
    with pytest.raises(ServerFailed, match="no service listens"):
        Replica({}).reload()


def test_a_proxy_asks_one_replica_after_the_other(tmp_path: Path) -> None:
    need("nginx")
    with (
        replicas(2, LOGO_WORKERS="1") as both,
        proxy(tmp_path, [replica.port for replica in both]) as url,
    ):
        answered = {
            httpx.get(f"{url}/health", timeout=PATIENCE_SECONDS).json()["worker_pid"]
            for _ in range(8)
        }

    assert len(answered) == 2


def test_a_workload_repeats_only_what_was_answered() -> None:
    workload = Workload(GOLDEN, repeated_share=1, seed=1)

    first = workload.draw()
    assert first[2] is workload.draw()[2] is False
    workload.answered(first[0])
    assert workload.draw() == (first[0], first[1], True)


def test_a_table_tells_failures_by_their_kind() -> None:
    asked = [
        Asked(BOTH, 0.01, "200", repeated=True, cached=True),
        Asked(BOTH, 0.5, "502", repeated=True, cached=False),
        Asked(ONE, 0.02, "ReadError", repeated=False, cached=False),
    ]

    assert render(asked).splitlines()[2:] == [
        "| both serve | 2 | 1 x 502 | 10 | 500 | 50% |",
        "| one was killed | 1 | 1 x ReadError | 20 | 20 | - |",
    ]
