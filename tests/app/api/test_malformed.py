"""What is no valid HTTP gets the same kind of answer as everything else."""

from __future__ import annotations

import json
from email.utils import parsedate_to_datetime
from http.client import HTTPResponse
from io import BytesIO
from typing import Any

import pytest
from gunicorn.http import errors as http_errors
from gunicorn.http.errors import (
    InvalidHeader,
    InvalidRequestLine,
    InvalidResponseHeader,
    LimitRequestHeaders,
    LimitRequestLine,
    ParseException,
    UnsupportedTransferCoding,
)
from prometheus_client import REGISTRY

from app.api.hardening import HEADERS
from app.api.malformed import answer
from app.api.views.site import contract


class Connection(BytesIO):
    """Stand in for the socket that `http.client` reads a reply from."""

    def makefile(self, _mode: str) -> BytesIO:
        return self


def read(reply: bytes) -> tuple[HTTPResponse, dict[str, Any]]:
    response = HTTPResponse(Connection(reply))  # type: ignore[arg-type]
    response.begin()
    return response, json.loads(response.read())


@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        (LimitRequestLine(5000, 4094), 414, "uri_too_long"),
        (LimitRequestHeaders("too many"), 431, "request_header_fields_too_large"),
        (UnsupportedTransferCoding("rot13"), 501, "not_implemented"),
        (InvalidRequestLine("HELLO"), 400, "bad_request"),
        (InvalidResponseHeader("X-Own"), 500, "internal_server_error"),
        (RuntimeError("the server's own"), 500, "internal_server_error"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_an_error_of_the_server_has_its_status_and_kind(
    error: Exception, status: int, kind: str
) -> None:
    response, members = read(answer(error))

    assert (response.status, members["status"], members["error"]) == (status, status, kind)
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.headers["X-Request-ID"] == members["request_id"]
    assert response.headers["Connection"] == "close"
    assert HEADERS.items() <= dict(response.headers).items()
    assert parsedate_to_datetime(response.headers["Date"]).year >= 2026


def test_every_error_that_the_server_knows_has_a_kind_of_the_contract() -> None:
    known = [
        error
        for error in vars(http_errors).values()
        if isinstance(error, type) and issubclass(error, ParseException)
    ]
    kinds = {kind["const"] for kind in contract()["components"]["schemas"]["ErrorKind"]["oneOf"]}

    assert len(known) > 10
    for error in known:
        empty = {"__init__": lambda _self: None, "__str__": lambda _self: "said"}
        instance = type(error.__name__, (error,), empty)()
        assert read(answer(instance))[1]["error"] in kinds


def test_it_counts_as_a_request_and_as_an_error() -> None:
    samples = {
        "logo_requests_total": {"endpoint": "unmatched", "status": "414"},
        "logo_errors_total": {"kind": "uri_too_long"},
    }
    before = {
        name: REGISTRY.get_sample_value(name, labels) or 0 for name, labels in samples.items()
    }

    answer(LimitRequestLine(5000, 4094))

    for name, labels in samples.items():
        assert REGISTRY.get_sample_value(name, labels) == before[name] + 1


def test_the_limit_is_named_and_what_the_client_sent_is_cut() -> None:
    assert "5000 > 4094" in read(answer(LimitRequestLine(5000, 4094)))[1]["detail"]
    assert len(read(answer(InvalidRequestLine("A" * 4000)))[1]["detail"]) == 200


def test_nothing_of_the_inside_is_told() -> None:
    assert "secret" not in answer(RuntimeError("secret")).decode()


@pytest.mark.parametrize(
    "error", [UnsupportedTransferCoding("br, chunked"), InvalidHeader("TRANSFER-ENCODING")]
)
def test_a_wrong_transfer_coding_is_told_the_cure(error: Exception) -> None:
    detail = read(answer(error))[1]["detail"]

    assert detail.endswith("is chunked, once; or send a Content-Length")
    assert len(detail) <= 200


def test_the_log_names_status_and_kind(caplog: pytest.LogCaptureFixture) -> None:
    answer(LimitRequestLine(5000, 4094))

    assert "414 uri_too_long" in caplog.text
