"""Real stores, and ones that are away, silent or cross."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from pymemcache.client.base import Client
from redis import Redis

from logo_classifier.caching.circuit_breaker import StoreError
from logo_classifier.caching.stores import (
    TIMEOUT_SECONDS,
    TTL_SECONDS,
    MemcachedStore,
    RedisStore,
)
from tests.servers import free_port, run_memcached, run_parrot, run_redis, run_silent_server

AnyStore = RedisStore | MemcachedStore
Maker = Callable[[str], AnyStore]

MAKERS: list[tuple[str, Maker]] = [("redis", RedisStore), ("memcached", MemcachedStore)]
KEY = "logo:results:" + "0" * 32 + ":" + "f" * 64 + ":neural_network"


@pytest.fixture(params=["redis", "memcached"])
def store(request: pytest.FixtureRequest) -> Iterator[AnyStore]:
    url = request.getfixturevalue(f"{request.param}_url")
    with closing(dict(MAKERS)[request.param](url)) as made:
        yield made


def test_what_is_stored_comes_back_to_the_byte(store: AnyStore) -> None:
    value = bytes(range(256)) * 20

    store.set(KEY, value)

    assert store.get(KEY) == value


def test_what_was_never_stored_is_none(store: AnyStore) -> None:
    assert store.get("logo:unknown") is None


def test_a_later_value_replaces_an_earlier_one(store: AnyStore) -> None:
    store.set(KEY, b"first")
    store.set(KEY, b"second")

    assert store.get(KEY) == b"second"


def test_what_redis_keeps_expires_after_a_day(redis_url: str) -> None:
    with closing(RedisStore(redis_url)) as store:
        store.set(KEY, b"1")

    with Redis.from_url(redis_url) as client:
        assert TTL_SECONDS - 60 < client.ttl(KEY) <= TTL_SECONDS


def test_what_memcached_keeps_expires_after_a_day(memcached_url: str) -> None:
    with closing(MemcachedStore(memcached_url)) as store:
        store.set(KEY, b"1")

    with closing(Client(memcached_url.removeprefix("memcached://"))) as client:
        remaining = int(client.raw_command(f"mg {KEY} t").split(b" t")[1])
    assert TTL_SECONDS - 60 < remaining <= TTL_SECONDS


@pytest.mark.parametrize(("scheme", "make"), MAKERS)
def test_a_store_that_is_away_is_an_error(scheme: str, make: Maker) -> None:
    with closing(make(f"{scheme}://127.0.0.1:{free_port()}")) as store:
        with pytest.raises(StoreError):
            store.get(KEY)
        with pytest.raises(StoreError):
            store.set(KEY, b"1")


@pytest.mark.parametrize(("scheme", "make"), MAKERS)
def test_a_store_of_an_unknown_host_is_an_error(scheme: str, make: Maker) -> None:
    store = make(f"{scheme}://no-such-host.invalid:7000")
    with closing(store), pytest.raises(StoreError):
        store.get(KEY)


@pytest.mark.parametrize(("scheme", "make"), MAKERS)
def test_a_store_that_accepts_and_never_answers_is_an_error_in_bounded_time(
    scheme: str, make: Maker
) -> None:
    with run_silent_server() as port, closing(make(f"{scheme}://127.0.0.1:{port}")) as store:
        started = time.monotonic()
        with pytest.raises(StoreError):
            store.get(KEY)
        took_seconds = time.monotonic() - started

    assert TIMEOUT_SECONDS <= took_seconds < 10 * TIMEOUT_SECONDS


@pytest.mark.parametrize(("scheme", "make"), MAKERS)
def test_a_server_that_dies_between_two_calls_is_an_error(
    scheme: str, make: Maker, tmp_path: Path
) -> None:
    running = run_redis(tmp_path) if scheme == "redis" else run_memcached()
    with running as server, closing(make(server.url)) as store:
        store.set(KEY, b"1")
        server.kill()

        with pytest.raises(StoreError):
            store.get(KEY)


def test_a_redis_that_wants_a_password_is_an_error(tmp_path: Path) -> None:
    with run_redis(tmp_path) as server:
        with Redis.from_url(server.url) as client:
            client.config_set("requirepass", "hush")

        with closing(RedisStore(server.url)) as store, pytest.raises(StoreError):
            store.get(KEY)


def test_a_value_under_a_key_of_another_kind_is_an_error(redis_url: str) -> None:
    with Redis.from_url(redis_url) as client:
        client.rpush("logo:list", "1")

    with closing(RedisStore(redis_url)) as store, pytest.raises(StoreError):
        store.get("logo:list")


def test_bytes_that_an_address_wants_as_text_and_are_none_are_an_error(redis_url: str) -> None:
    with closing(RedisStore(f"{redis_url}?decode_responses=True")) as store:
        store.set(KEY, b"\xff")
        with pytest.raises(StoreError):
            store.get(KEY)


def test_a_value_that_memcached_finds_too_large_is_an_error(memcached_url: str) -> None:
    with closing(MemcachedStore(memcached_url)) as store, pytest.raises(StoreError):
        store.set(KEY, bytes(2 * 1024 * 1024))


HELLO = b"%1\r\n+proto\r\n:3\r\n" + b"+OK\r\n" * 2
ODD_REPLIES: list[tuple[str, Maker, bytes]] = [
    ("redis://127.0.0.1:{}?protocol=3", RedisStore, HELLO + b":5\r\n"),
    ("redis://127.0.0.1:{}?protocol=3", RedisStore, HELLO + b"#t\r\n"),
    ("redis://127.0.0.1:{}?protocol=3", RedisStore, HELLO + b",1.5\r\n"),
    ("memcached://127.0.0.1:{}", MemcachedStore, b"VALUE k\r\n"),
    ("memcached://127.0.0.1:{}", MemcachedStore, b"VALUE other 0 1\r\na\r\nEND\r\n"),
    ("memcached://127.0.0.1:{}", MemcachedStore, b"no\r\n"),
]


@pytest.mark.parametrize(("url", "make", "reply"), ODD_REPLIES)
def test_what_no_such_store_would_answer_is_an_error(url: str, make: Maker, reply: bytes) -> None:
    with (
        run_parrot(reply) as port,
        closing(make(url.format(port))) as store,
        pytest.raises(StoreError),
    ):
        store.get(KEY)


def test_a_redis_told_to_answer_in_text_gives_bytes_all_the_same(redis_url: str) -> None:
    with closing(RedisStore(f"{redis_url}?decode_responses=true")) as store:
        store.set(KEY, b'{"a": 1}')

        assert store.get(KEY) == b'{"a": 1}'


@pytest.mark.parametrize("option", ["ssl_cert_reqs=none", "foo=1", "socket_timeout=soon"])
def test_a_redis_address_with_options_that_its_client_does_not_take_is_refused(option: str) -> None:
    with pytest.raises(ValueError, match="the address of Redis is refused"):
        RedisStore(f"redis://127.0.0.1:6379/0?{option}")
