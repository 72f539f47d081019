"""What bounds how often a client may ask, and who counts as one."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from logo_classifier.errors import OutOfMemory
from tests.app.api.conftest import FailingClassifier
from tests.app.api.forms import KEY, OTHER, form, post
from tests.servers import run_redis

ClientMaker = Callable[..., FlaskClient]


def test_above_its_rate_a_client_is_told_when_to_come_back(
    make_client: ClientMaker, picture: bytes
) -> None:
    client = make_client(rate_limit="2/hour")

    replies = [post(client, picture) for _ in range(3)]

    assert [reply.status_code for reply in replies] == [200, 200, 429]
    assert replies[2].json["error"] == "too_many_requests"
    assert "2/hour" in replies[2].json["detail"]
    assert 3500 < int(replies[2].headers["Retry-After"]) <= 3601
    assert "Retry-After" not in replies[0].headers


def test_a_rate_does_not_lengthen_the_wait_of_another_refusal(
    make_client: ClientMaker, picture: bytes
) -> None:
    full = FailingClassifier(OutOfMemory("there is no memory for this picture"))

    reply = post(make_client(full, rate_limit="60/hour"), picture)

    assert reply.status_code == 503
    assert reply.headers["Retry-After"] == "1"


@pytest.mark.parametrize("store", ["memory", "redis"])
def test_a_client_that_waits_as_told_is_let_in(
    make_client: ClientMaker, picture: bytes, store: str, request: pytest.FixtureRequest
) -> None:
    redis_url = request.getfixturevalue("redis_url") if store == "redis" else ""
    client = make_client(rate_limit="1/second", redis_url=redis_url)
    replies = [post(client, picture) for _ in range(2)]

    assert [reply.status_code for reply in replies] == [200, 429]
    time.sleep(int(replies[1].headers["Retry-After"]))
    assert post(client, picture).status_code == 200


def test_clients_whose_time_is_over_are_forgotten(make_client: ClientMaker, picture: bytes) -> None:
    client = make_client(rate_limit="1/second", trusted_proxies=1)
    (limiter,) = client.application.extensions["limiter"]
    counts = limiter.storage

    def held() -> int:
        return len(counts.storage) + len(counts.expirations) + len(counts.events)

    for number in range(50):
        post(client, picture, X_Forwarded_For=f"192.0.2.{number}")
    assert held() >= 50

    deadline = time.monotonic() + 10
    while held() > 2 and time.monotonic() < deadline:
        time.sleep(0.1)
        post(client, picture)  # what is over is swept out when somebody comes
    assert held() <= 2


def test_each_valid_key_has_a_rate_of_its_own(make_client: ClientMaker, picture: bytes) -> None:
    client = make_client(api_keys=(KEY, OTHER), rate_limit="1/hour")

    codes = [post(client, picture, X_API_Key=key).status_code for key in (KEY, OTHER, KEY)]

    assert codes == [200, 200, 429]


def test_guessing_keys_counts_for_the_address_that_guesses(
    make_client: ClientMaker, picture: bytes
) -> None:
    client = make_client(api_keys=(KEY,), rate_limit="2/hour")

    codes = [post(client, picture, X_API_Key=f"guess-{i}").status_code for i in range(4)]

    assert codes == [401, 401, 429, 429]
    assert post(client, picture, X_API_Key=KEY).status_code == 200


def test_addresses_are_those_that_trusted_proxies_tell(
    make_client: ClientMaker, picture: bytes
) -> None:
    trusting = make_client(rate_limit="1/hour", trusted_proxies=1)
    wary = make_client(rate_limit="1/hour")
    clients = ("192.0.2.1", "192.0.2.2")

    def codes(client: FlaskClient) -> list[int]:
        return [post(client, picture, X_Forwarded_For=each).status_code for each in clients]

    assert codes(trusting) == [200, 200]
    assert codes(wary) == [200, 429]


@pytest.mark.parametrize(
    ("proxies", "told", "codes"),
    [
        # What clients say before the trusted proxies is not believed.
        (2, ("9.9.9.1, 192.0.2.1, 10.0.0.1", "9.9.9.2, 192.0.2.1, 10.0.0.1"), [200, 429]),
        (2, ("192.0.2.1, 10.0.0.1", "192.0.2.2, 10.0.0.1"), [200, 200]),
        # A socket for both families tells IPv4 clients so.
        (1, ("::ffff:192.0.2.1", "::ffff:198.51.100.9", "192.0.2.1"), [200, 200, 429]),
        # One site of IPv6 is one client.
        (1, ("2001:db8:1:2::5", "2001:db8:1:2:ffff::6", "2001:db8:1:3::5"), [200, 429, 200]),
        (1, ("unknown", "unknown"), [200, 429]),
        # Some proxies add the port of the connection, which is another one every time.
        (1, ("192.0.2.1:4001", "192.0.2.1:4002", "192.0.2.1"), [200, 429, 429]),
        (1, ("[2001:db8::1]:4001", "[2001:db8::1]:4002", "[2001:db8::1]"), [200, 429, 429]),
        (1, ("[2001:db8::1]:4001", "2001:db8::2", "[2001:db8:0:1::1]:4001"), [200, 429, 200]),
        (1, ("[::ffff:192.0.2.1]:4001", "192.0.2.1:4002"), [200, 429]),
        (1, ('"[2001:db8::1]:4001"', '"2001:db8::1"'), [200, 429]),
        (1, ("fe80::1%eth0", "fe80::1%eth1"), [200, 429]),
        (2, ("192.0.2.1:4001, 10.0.0.1:80", "192.0.2.1:4002, 10.0.0.1:81"), [200, 429]),
        # What is no address is one client, whatever it says.
        (1, ("_hidden", "a:1", "b:2", "[::1", "999.1.1.1:80"), [200, 429, 429, 200, 429]),
    ],
)
def test_who_counts_as_one_client(
    make_client: ClientMaker, picture: bytes, proxies: int, told: tuple[str, ...], codes: list[int]
) -> None:
    client = make_client(rate_limit="1/hour", trusted_proxies=proxies)

    replies = [post(client, picture, X_Forwarded_For=each) for each in told]

    assert [reply.status_code for reply in replies] == codes


def test_workers_count_a_client_together_in_redis(
    make_client: ClientMaker, picture: bytes, redis_url: str
) -> None:
    one, other = (make_client(rate_limit="2/hour", redis_url=redis_url) for _ in range(2))

    codes = [post(client, picture).status_code for client in (one, other, one, other)]

    assert codes == [200, 200, 429, 429]


def test_an_unreachable_redis_falls_back_to_counts_in_memory(
    make_client: ClientMaker, picture: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, "flask-limiter")
    client = make_client(rate_limit="1/hour", redis_url="redis://127.0.0.1:1/0")

    assert [post(client, picture).status_code for _ in range(2)] == [200, 429]


def test_an_unreachable_redis_leaves_probes_and_preflights_alone(
    make_client: ClientMaker, picture: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, "flask-limiter")
    client = make_client(rate_limit="1/hour", redis_url="redis://127.0.0.1:1/0")
    post(client, picture)

    for path in ("/health/live", "/metrics", "/"):
        assert [client.get(path).status_code for _ in range(3)] == [200, 200, 200]
    assert [client.options("/classify").status_code for _ in range(3)] == [200, 200, 200]


def test_a_redis_on_a_socket_counts_too(
    make_client: ClientMaker, picture: bytes, tmp_path: Path
) -> None:
    with run_redis(tmp_path):
        client = make_client(rate_limit="1/hour", redis_url=f"unix://{tmp_path}/redis.sock")

        assert [post(client, picture).status_code for _ in range(2)] == [200, 429]


def test_single_pictures_and_batches_have_one_rate_together(
    make_client: ClientMaker, picture: bytes
) -> None:
    client = make_client(rate_limit="2/hour")

    codes = [
        post(client, picture).status_code,
        client.post("/classify/batch", **form(picture, picture, field="images")).status_code,
        post(client, picture).status_code,
    ]

    assert codes == [200, 200, 429]


def members(value: str) -> tuple[str, dict[str, int]]:
    """Return name and parameters of a list of one structured field (RFC 9651)."""
    name, *parameters = value.split(";")
    return name, {key: int(number) for key, number in (each.split("=") for each in parameters)}


def test_replies_tell_the_rate_and_what_is_left_of_it(
    make_client: ClientMaker, picture: bytes
) -> None:
    client = make_client(rate_limit="2/hour")

    replies = [post(client, picture), post(client, b"no picture"), post(client, picture)]

    assert [reply.status_code for reply in replies] == [200, 415, 429]
    told = [members(reply.headers["RateLimit"]) for reply in replies]
    assert [(name, parameters["r"]) for name, parameters in told] == [
        ('"classify"', 1),
        ('"classify"', 0),
        ('"classify"', 0),
    ]
    assert all(3500 < parameters["t"] <= 3600 for _, parameters in told)
    for reply in replies:
        assert members(reply.headers["RateLimit-Policy"]) == ('"classify"', {"q": 2, "w": 3600})


def test_a_refused_key_is_told_what_is_left_of_its_address(
    make_client: ClientMaker, picture: bytes
) -> None:
    reply = post(make_client(api_keys=(KEY,), rate_limit="5/minute"), picture, X_API_Key="guess")

    assert reply.status_code == 401
    assert members(reply.headers["RateLimit"])[1]["r"] == 4


@pytest.mark.parametrize("path", ["/health/live", "/metrics", "/", "/nowhere"])
def test_what_has_no_rate_tells_none(make_client: ClientMaker, path: str) -> None:
    headers = make_client(rate_limit="5/minute").get(path).headers

    assert [name for name, _ in headers if name.startswith("RateLimit")] == []


def test_pages_of_listed_sites_may_read_the_rate(make_client: ClientMaker, picture: bytes) -> None:
    site = "https://app.example.org"
    client = make_client(rate_limit="5/minute", cors_origins=(site,))

    exposed = post(client, picture, Origin=site).headers["Access-Control-Expose-Headers"]

    assert {"RateLimit", "RateLimit-Policy", "Retry-After"} <= set(exposed.split(", "))


def test_a_store_that_fails_after_the_count_costs_no_answer(
    make_client: ClientMaker, picture: bytes, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, "flask-limiter")
    with run_redis(tmp_path) as store:
        client = make_client(rate_limit="5/minute", redis_url=store.url)
        # It is killed when the request has been counted, and before the reply is made.
        client.application.before_request(store.kill)

        reply = post(client, picture)

    assert reply.status_code == 200
    assert members(reply.headers["RateLimit-Policy"])[1] == {"q": 5, "w": 60}
    assert "RateLimit" not in reply.headers
