"""API keys: every one of the setting opens, nothing else does."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.app.api.forms import KEY, OTHER, post

ClientMaker = Callable[..., FlaskClient]


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
