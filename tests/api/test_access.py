"""Keys, rates and other sites' pages: off unless a setting turns them on."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.classification.errors import OutOfMemory
from tests.api.conftest import FailingClassifier
from tests.api.forms import form
from tests.servers import run_redis

KEY, OTHER = "first-key-0123456789", "second-key-0123456789"
SITE = "https://app.example.org"

ClientMaker = Callable[..., FlaskClient]
ImageMaker = Callable[..., bytes]


@pytest.fixture
def picture(make_image: ImageMaker) -> bytes:
    return make_image()


def post(client: FlaskClient, picture: bytes, path: str = "/classify", **headers: str) -> Any:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post(path, data=picture, content_type="image/png", headers=named)


def test_without_settings_nobody_is_asked_for_anything(client: FlaskClient, picture: bytes) -> None:
    reply = post(client, picture, Origin=SITE)

    assert reply.status_code == 200
    assert "Access-Control-Allow-Origin" not in reply.headers
    assert not [name for name, _ in reply.headers if "RateLimit" in name]


@pytest.mark.parametrize("key", [KEY, OTHER])
def test_every_key_of_the_setting_opens(make_client: ClientMaker, picture: bytes, key: str) -> None:
    client = make_client(api_keys=(KEY, OTHER))

    assert post(client, picture, X_API_Key=key).status_code == 200


@pytest.mark.parametrize("path", ["/classify", "/classify/batch"])
@pytest.mark.parametrize("key", ["", "wrong", KEY[:-1], KEY + "0", "\xe9" * 16])
def test_any_other_key_is_refused(
    make_client: ClientMaker, picture: bytes, path: str, key: str
) -> None:
    reply = post(make_client(api_keys=(KEY,)), picture, path, X_API_Key=key)

    assert reply.status_code == 401
    assert reply.json["error"] == "unauthorized"
    assert "X-API-Key" in reply.json["detail"]
    assert reply.headers["WWW-Authenticate"].startswith("Apikey")
    assert KEY not in reply.text


@pytest.mark.parametrize("path", ["/", "/docs", "/health", "/health/live", "/metrics"])
def test_probes_metrics_and_pages_need_no_key_and_have_no_rate(
    make_client: ClientMaker, path: str
) -> None:
    client = make_client(api_keys=(KEY,), rate_limit="1/day")

    assert [client.get(path).status_code for _ in range(3)] == [200, 200, 200]


def test_above_its_rate_a_client_is_told_when_to_come_back(
    make_client: ClientMaker, picture: bytes
) -> None:
    client = make_client(rate_limit="2/hour")

    replies = [post(client, picture) for _ in range(3)]

    assert [reply.status_code for reply in replies] == [200, 200, 429]
    assert replies[2].json["error"] == "too_many_requests"
    assert "2/hour" in replies[2].json["detail"]
    assert 0 < int(replies[2].headers["Retry-After"]) <= 3600
    assert "Retry-After" not in replies[0].headers


def test_a_rate_does_not_lengthen_the_wait_of_another_refusal(
    make_client: ClientMaker, picture: bytes
) -> None:
    full = FailingClassifier(OutOfMemory("there is no memory for this picture"))

    reply = post(make_client(full, rate_limit="60/hour"), picture)

    assert reply.status_code == 503
    assert reply.headers["Retry-After"] == "1"


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


def test_what_clients_say_before_the_trusted_proxies_is_not_believed(
    make_client: ClientMaker, picture: bytes
) -> None:
    client = make_client(rate_limit="1/hour", trusted_proxies=2)
    chains = ("9.9.9.1, 192.0.2.1, 10.0.0.1", "9.9.9.2, 192.0.2.1, 10.0.0.1", "192.0.2.2, 10.0.0.1")

    codes = [post(client, picture, X_Forwarded_For=chain).status_code for chain in chains]

    assert codes == [200, 429, 200]


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


def test_pages_of_listed_sites_may_call(make_client: ClientMaker, picture: bytes) -> None:
    client = make_client(cors_origins=(SITE,), api_keys=(KEY,))

    asked = client.options(
        "/classify",
        headers={
            "Origin": SITE,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "X-API-Key",
        },
    )
    reply = post(client, picture, Origin=SITE, X_API_Key=KEY)

    assert asked.status_code == 200
    assert asked.headers["Access-Control-Allow-Origin"] == SITE
    assert "X-API-Key" in asked.headers["Access-Control-Allow-Headers"]
    assert reply.headers["Access-Control-Allow-Origin"] == SITE
    assert "X-Request-ID" in reply.headers["Access-Control-Expose-Headers"]


def test_asking_whether_a_page_may_call_counts_for_no_rate(
    make_client: ClientMaker, picture: bytes
) -> None:
    client = make_client(cors_origins=(SITE,), rate_limit="1/hour")
    asked = {"Origin": SITE, "Access-Control-Request-Method": "POST"}

    codes = [client.options("/classify", headers=asked).status_code for _ in range(3)]

    assert codes == [200, 200, 200]
    assert post(client, picture).status_code == 200


def test_pages_of_other_sites_may_not(make_client: ClientMaker, picture: bytes) -> None:
    reply = post(make_client(cors_origins=(SITE,)), picture, Origin="https://evil.example")

    assert "Access-Control-Allow-Origin" not in reply.headers


def test_a_refused_key_can_be_read_by_a_listed_page(
    make_client: ClientMaker, picture: bytes
) -> None:
    reply = post(make_client(cors_origins=(SITE,), api_keys=(KEY,)), picture, Origin=SITE)

    assert reply.status_code == 401
    assert reply.headers["Access-Control-Allow-Origin"] == SITE
