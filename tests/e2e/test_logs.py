"""The log of a real server is text or one JSON object a line, and tells no secrets."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from typing import Any

from .conftest import Server, ServerMaker

KEY = "a-secret-key-0123456789"
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

ImageMaker = Callable[..., bytes]


def make_traffic(server: Server, picture: bytes) -> None:
    """Send a picture in a trace, a refusal, a failure to authenticate and malformed HTTP."""
    headers = {"X-API-Key": KEY, "X-Request-ID": "of-this-test", "traceparent": TRACE}
    files = {"image": ("private-name.png", picture)}
    assert server.post("/classify?method=ensemble", files=files, headers=headers).is_success
    assert server.post("/classify", content=b"x", headers={"X-API-Key": KEY}).status_code == 415
    wrong = {"X-API-Key": "another-secret-0123456789"}
    assert server.post("/classify?api_key=a-third-secret", headers=wrong).status_code == 401
    with socket.create_connection(server.address) as client:
        client.sendall(b"NO HTTP\r\n\r\n")
        client.recv(4096)


def test_all_lines_are_objects_and_that_of_a_request_tells_what_it_was(
    serve: ServerMaker, make_image: ImageMaker
) -> None:
    picture = make_image(size=(83, 61))
    with serve(log_format="json", api_keys=KEY, workers=1) as server:
        make_traffic(server, picture)
    text = server.log.read_text()

    lines: list[dict[str, Any]] = [json.loads(line) for line in text.splitlines()]
    assert {"gunicorn.error", "gunicorn.access", "app.api.malformed"} <= {
        line["logger"] for line in lines
    }
    (asked,) = (line for line in lines if line.get("request_id") == "of-this-test")
    assert (asked["route"], asked["status"], asked["tier"]) == ("/classify", 200, "requested")
    assert asked["trace_id"] == TRACE.split("-")[1]
    assert asked["parent_span_id"] == TRACE.split("-")[2]
    assert asked["bytes_received"] > len(picture)
    work = {"read", "wait", "decode", "features", "rules", "network", "reply"}
    assert set(asked["stages_ms"]) == work
    assert sum(asked["stages_ms"].values()) <= asked["duration_ms"]
    refused = [line["error"] for line in lines if "error" in line]
    assert refused == ["unsupported_media_type", "unauthorized"]
    assert "secret" not in text
    assert "private-name" not in text


def test_text_is_one_line_a_request(serve: ServerMaker, make_image: ImageMaker) -> None:
    with serve(api_keys=KEY, workers=1) as server:
        make_traffic(server, make_image())
    text = server.log.read_text()

    (asked,) = (line for line in text.splitlines() if " of-this-test " in line)
    assert '127.0.0.1 "POST /classify HTTP/1.1" 200 - ' in asked
    for part in (" tier=requested ", " decode=", "ms", f" trace_id={TRACE.split('-')[1]} "):
        assert part in asked
    assert "secret" not in text
    assert "private-name" not in text
