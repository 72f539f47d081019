"""A wrong path or method is told in words of the service, with the right one."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient


@pytest.mark.parametrize(
    ("verb", "path", "detail"),
    [
        ("GET", "/classify", "/classify takes POST; you sent GET"),
        ("DELETE", "/classify/batch", "/classify/batch takes POST; you sent DELETE"),
        ("DELETE", "/", "/ takes GET and POST; you sent DELETE"),
        ("POST", "/docs", "/docs takes GET; you sent POST"),
        ("POST", "/health", "/health takes GET; you sent POST"),
    ],
)
def test_a_wrong_method_is_told_the_right_one(
    client: FlaskClient, verb: str, path: str, detail: str
) -> None:
    reply = client.open(path, method=verb)

    assert (reply.status_code, reply.json["detail"]) == (405, detail)


@pytest.mark.parametrize(
    ("path", "end"),
    [
        ("/clasify", "did you mean /classify?"),
        ("/classify/batches", "did you mean /classify/batch?"),
        ("/api/v1/classify", "did you mean /classify?"),
        ("/logos/health/ready", "did you mean /health/ready?"),
        ("/openapi.yaml", "did you mean /openapi.json?"),
        ("/classify/", "leave out the slash at the end: /classify"),
        ("/health/", "leave out the slash at the end: /health"),
        ("/Classify", "the case of letters counts: /classify"),
        ("/zzzzzz", "/docs lists all calls"),
        ("/static/none.css", "/docs lists all calls"),
    ],
)
def test_a_wrong_path_is_told_the_one_that_is_meant(
    client: FlaskClient, path: str, end: str
) -> None:
    reply = client.post(path)

    assert reply.status_code in (404, 405)
    detail = client.get(path).json["detail"]
    assert detail.startswith(f"there is no such page: {path}; ")
    assert detail.endswith(end)


def test_a_long_path_is_cut(client: FlaskClient) -> None:
    assert len(client.get("/" + "x" * 3000).json["detail"]) < 200
