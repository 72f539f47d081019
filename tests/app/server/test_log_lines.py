"""A line of the log is text for people or an object for programs."""

from __future__ import annotations

import json
import logging
import os
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

from app.server.log_lines import MEMBERS_KEY, JsonFormatter, request_members, text_line
from app.server.logs import JsonLogger, QueuedHandler

ENVIRON: dict[str, Any] = {
    "REMOTE_ADDR": "192.0.2.7",
    "REQUEST_METHOD": "POST",
    "RAW_URI": "/classify?api_key=a-secret",
    "SERVER_PROTOCOL": "HTTP/1.1",
    MEMBERS_KEY: {
        "request_id": "r-1",
        "route": "/classify",
        "type": "text",
        "confidence": 0.9,
        "stages_ms": {"decode": 1.25},
    },
}
TOOK = timedelta(milliseconds=12.5)


def line_of(record: logging.LogRecord) -> dict[str, Any]:
    text = JsonFormatter().format(record)
    assert "\n" not in text
    members: dict[str, Any] = json.loads(text)
    return members


def record(message: str, *values: object, **more: Any) -> logging.LogRecord:
    made = logging.LogRecord("a.name", logging.WARNING, __file__, 1, message, values, None)
    made.__dict__.update(more)
    return made


def test_a_message_is_an_object_with_time_level_logger_and_process() -> None:
    members = line_of(record("two\nlines of %s", "text"))

    moment = datetime.fromisoformat(members.pop("time"))
    assert abs(datetime.now(UTC) - moment) < timedelta(minutes=5)
    assert members == {
        "level": "warning",
        "logger": "a.name",
        "pid": os.getpid(),
        "message": "two\nlines of text",
    }


def test_an_exception_is_a_member() -> None:
    try:
        {}["lost"]
    except KeyError:
        members = line_of(record("failed", exc_info=sys.exc_info()))

    assert members["message"] == "failed"
    assert members["exception"].endswith("KeyError: 'lost'")


def test_the_members_of_a_request_are_members_of_the_line() -> None:
    asked = request_members(ENVIRON, "200 OK", 345, TOOK)
    members = line_of(record("POST /classify", request=asked))

    assert asked.items() <= members.items()
    assert (members["status"], members["duration_ms"], members["bytes_sent"]) == (200, 12.5, 345)
    assert members["stages_ms"] == {"decode": 1.25}
    assert "a-secret" not in str(members)


def test_text_has_the_same_in_one_line() -> None:
    line = text_line(request_members(ENVIRON, "200 OK", 345, TOOK))

    assert line.partition("] ")[2] == (
        '192.0.2.7 "POST /classify HTTP/1.1" 200 - 345 bytes 12 ms r-1 '
        "type=text confidence=0.9 decode=1.25ms"
    )


def test_a_path_cannot_end_its_quotes() -> None:
    environ = {**ENVIRON, "RAW_URI": '/" 200 - 1 bytes'}

    assert '"POST /\\" 200 - 1 bytes HTTP/1.1" 404 ' in text_line(
        request_members(environ, "404 Not Found", 1, TOOK)
    )


def test_a_request_that_the_application_never_saw_has_a_line_too() -> None:
    environ = {name: value for name, value in ENVIRON.items() if name != MEMBERS_KEY}

    assert text_line(request_members(environ, "200 OK", 0, TOOK)).endswith("200 - 0 bytes 12 ms -")


def test_lost_lines_are_told_as_an_object_too() -> None:
    reading, writing = os.pipe()
    handler = QueuedHandler(writing, JsonLogger.formatter)
    for number in range(30_000):
        handler.emit(record("line %s", number))

    text = b""
    while b"dropped" not in text:
        text += os.read(reading, 65536)
    while not text.endswith(b"\n"):
        text += os.read(reading, 65536)

    lines = [json.loads(line) for line in text.splitlines()]
    assert any("lines of the log were dropped" in line["message"] for line in lines)
