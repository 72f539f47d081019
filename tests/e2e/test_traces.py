"""A real server sends spans to a real collector, and imports nothing for it when it does not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.collectors import Collector, run_collector
from tests.servers import free_port
from tests.waiting import wait_until

from .conftest import ROOT, Server, ServerMaker, answers

PNG = {"Content-Type": "image/png"}
TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
WORK = {"read", "decode", "features", "rules", "network", "reply"}

ImageMaker = Callable[..., bytes]


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    with run_collector() as running:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", running.url)
        monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "100")
        yield running


def attributes(span: Any) -> dict[str, Any]:
    return {
        each.key: getattr(each.value, each.value.WhichOneof("value")) for each in span.attributes
    }


def test_a_request_is_a_span_of_the_callers_trace_and_its_stages_are_spans_within(
    serve: ServerMaker, collector: Collector, make_image: ImageMaker
) -> None:
    header = {"traceparent": f"00-{TRACE}-{PARENT}-01"}
    with serve(log_format="json") as server:
        for path in ("/health/live", "/health/ready", "/metrics", "/static/page.css"):
            server.get(path)
        reply = server.post("/classify?method=ensemble", content=make_image(), headers=PNG | header)
        wait_until(lambda: len(collector.spans) > len(WORK), "the spans arrive")
        (root,) = (span for span in collector.spans if span.kind == span.SPAN_KIND_SERVER)
        stages = [
            span for span in collector.spans if span.kind != root.kind and span.name != "wait"
        ]
    lines = [json.loads(line) for line in server.log.read_text().splitlines()]

    assert (root.name, root.trace_id.hex(), root.parent_span_id.hex()) == (
        "POST /classify",
        TRACE,
        PARENT,
    )
    assert reply.headers["traceresponse"] == f"00-{TRACE}-{root.span_id.hex()}-01"
    (line,) = (line for line in lines if line.get("route") == "/classify")
    assert (line["trace_id"], line["span_id"]) == (TRACE, root.span_id.hex())
    told = attributes(root)
    assert told["http.response.status_code"] == 200
    assert told["http.route"] == "/classify"
    assert told["logo.request_id"] == reply.json()["request_id"]
    assert told["logo.type"] == reply.json()["logo_type"]
    assert sorted(span.name for span in stages) == sorted(WORK)
    for span in stages:
        assert (span.trace_id, span.parent_span_id) == (root.trace_id, root.span_id)
        assert root.start_time_unix_nano <= span.start_time_unix_nano <= span.end_time_unix_nano
        assert span.end_time_unix_nano <= root.end_time_unix_nano
    assert {resource["service.name"] for resource in collector.resources} == {"logo-classifier"}


def test_a_trace_begins_here_without_a_caller_and_tells_refusals(
    serve: ServerMaker, collector: Collector
) -> None:
    with serve(workers=1) as server:
        reply = server.post("/classify", content=b"x", headers=PNG)
    # The server has ended, and has sent what waited.
    (root,) = (span for span in collector.spans if span.kind == span.SPAN_KIND_SERVER)

    assert root.parent_span_id == b""
    assert attributes(root)["error.type"] == reply.json()["error"]
    assert reply.headers["traceresponse"].split("-")[1:3] == [
        root.trace_id.hex(),
        root.span_id.hex(),
    ]


def test_a_caller_that_does_not_record_is_obeyed(
    serve: ServerMaker, collector: Collector, make_image: ImageMaker
) -> None:
    header = {"traceparent": f"00-{TRACE}-{PARENT}-00"}
    with serve(workers=1) as server:
        reply = server.post("/classify", content=make_image(), headers=PNG | header)

    assert reply.headers["traceresponse"].endswith("-00")
    assert collector.spans == []


def test_a_collector_that_is_gone_costs_no_answer_and_no_long_stop(
    serve: ServerMaker, monkeypatch: pytest.MonkeyPatch, make_image: ImageMaker
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{free_port()}")
    with serve(workers=1) as server:
        for size in (60, 61, 62):
            picture = make_image(size=(size, 40))
            assert server.post("/classify", content=picture, headers=PNG).status_code == 200
        assert server.stop() == 0

    assert "[CRITICAL] WORKER TIMEOUT" not in server.log.read_text()


CONFIGURATION = """
import json, os, sys
exec(open("gunicorn.conf.py").read())
_worker_exit = worker_exit
def worker_exit(server, worker):
    _worker_exit(server, worker)
    with open(os.environ["MODULES"], "w") as file:
        json.dump(sorted(sys.modules), file)
"""


@pytest.mark.parametrize("is_on", [False, True])
def test_a_worker_that_does_not_trace_imports_nothing_for_it(
    tmp_path: Path, make_image: ImageMaker, is_on: bool
) -> None:
    configuration, modules = tmp_path / "conf.py", tmp_path / "modules.json"
    configuration.write_text(CONFIGURATION)
    port = free_port()
    environ = {k: v for k, v in os.environ.items() if not k.startswith(("LOGO_", "OTEL_"))}
    environ |= {"LOGO_PORT": str(port), "LOGO_WORKERS": "1", "MODULES": str(modules)}
    if is_on:
        environ["OTEL_EXPORTER_OTLP_ENDPOINT"] = f"http://127.0.0.1:{free_port()}"
    log = tmp_path / "log"
    with log.open("wb") as output:
        command = [Path(sys.executable).with_name("gunicorn"), "--config", configuration]
        process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=output, stderr=output)
    server = Server(process, ("127.0.0.1", port), log)
    try:
        wait_until(lambda: process.poll() is not None or answers(server), "it answers")
        server.post("/classify", content=make_image(), headers=PNG)
    finally:
        server.stop()

    imported = json.loads(modules.read_text())
    assert "app.api" in imported
    assert any(name.startswith("opentelemetry") for name in imported) is is_on
    assert ("app.traces.spans" in imported) is is_on
