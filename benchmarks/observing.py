"""Measure what being watched costs: scrapes of the metrics, lines of the log, traces.

    python -m benchmarks.observing scrapes data/images
    python -m benchmarks.observing requests data/images
    python -m benchmarks.observing spans data/images

The first starts four workers, sends pictures and refusals, and times scrapes while nothing else is
asked. The second has one worker for each kind of log and one with traces, and loads them by `wrk`
(Debian package) in turn, in several rounds. What counts is the worker's processor time, as its
neighbours on the machine change that the least. The third compares the spans of a request with the
work on its picture in one thread, which is the steadiest.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from threading import Thread
from typing import Any

import httpx
import psutil
from prometheus_client.parser import text_string_to_metric_families

from app.instruments import observe_stage
from app.traces import stages
from app.traces.context import TracedRequest
from app.traces.starting import start_recorder
from benchmarks.load import cycle_script, run_load
from benchmarks.service import Served, end_on_sigterm, serving
from logo_classifier import HybridClassifier

_TIMEOUT_SECONDS = 60
_CLIENTS = 2
_PICTURES = 100
_CYCLED = 20
"""Few, so that each round has each of them several times."""


def make_traffic(address: str, pictures: Sequence[Path], count: int) -> None:
    """Send pictures by each method, refusals, a batch and probes, each over a connection."""
    methods = cycle(("auto", "rule_based", "neural_network", "ensemble"))
    for picture, method in zip(islice(cycle(pictures), count), methods, strict=False):
        url = f"{address}/classify?method={method}"
        httpx.post(url, content=picture.read_bytes(), headers={"Content-Type": "image/png"})
        httpx.post(url, content=b"x", headers={"Content-Type": "image/png"})
        httpx.get(f"{address}/health/ready")
    files = [("images", (picture.name, picture.read_bytes())) for picture in pictures[:8]]
    httpx.post(f"{address}/classify/batch", files=files, timeout=_TIMEOUT_SECONDS)


def scrape(address: str, times: int) -> tuple[list[float], str]:
    """Return the milliseconds of each scrape, in rising order, and the text of the last one."""
    took_ms, text = [], ""
    with httpx.Client(timeout=_TIMEOUT_SECONDS) as client:
        for _ in range(times):
            began_seconds = time.perf_counter()
            text = client.get(f"{address}/metrics").text
            took_ms.append(1000 * (time.perf_counter() - began_seconds))
    return sorted(took_ms), text


def count_samples(text: str) -> int:
    """Return the number of samples in the text of a scrape."""
    return sum(len(family.samples) for family in text_string_to_metric_families(text))


def processor_ms(served: Served, script: Path, seconds: int) -> float:
    """Return the milliseconds of processor time that the worker takes for a request under load."""
    (worker,) = served.workers()
    before_seconds = _used_seconds(worker)
    load = run_load(served.address, script, _CLIENTS, seconds)
    return 1000 * (_used_seconds(worker) - before_seconds) / load.requests


@contextmanager
def collecting() -> Iterator[str]:
    """Run a collector of traces that keeps nothing inside the block; yield its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def compare(
    pictures: Sequence[Path], rounds: int, seconds: int, remembered: bool
) -> dict[str, list[float]]:
    """Return the processor time of each kind of watching, a figure for each round.

    `remembered` lets the worker keep its answers, so that few pictures are classified.
    """
    found = defaultdict[str, list[float]](list)
    with ExitStack() as stack:
        collector = stack.enter_context(collecting())
        scratch = stack.enter_context(tempfile.TemporaryDirectory())
        script = cycle_script(Path(scratch) / "cycle.lua", pictures)
        kinds = {
            "text": {},
            "json": {"LOGO_LOG_FORMAT": "json"},
            "text, traces": {"OTEL_EXPORTER_OTLP_ENDPOINT": collector},
        }
        common = {"LOGO_WORKERS": "1", "LOGO_ENABLE_CACHING": str(remembered)}
        running = {
            kind: stack.enter_context(serving(**common, **settings))
            for kind, settings in kinds.items()
        }
        for number in range(rounds + 1):
            for kind, served in running.items():
                used_ms = processor_ms(served, script, seconds)
                if number:  # the first round fills caches and warms up
                    found[kind].append(used_ms)
    return found


def show_scrapes(pictures: Sequence[Path], workers: int, times: int) -> None:
    """Print how long a scrape takes a client, and how much of it is processor time."""
    with serving(LOGO_WORKERS=str(workers), LOGO_LOG_LEVEL="warning") as served:
        make_traffic(served.address, pictures, _PICTURES)
        before_seconds = sum(map(_used_seconds, served.workers()))
        took_ms, text = scrape(served.address, times)
        used_ms = 1000 * (sum(map(_used_seconds, served.workers())) - before_seconds) / times
    print(
        f"{workers} workers, {count_samples(text)} samples, {times} scrapes: {took_ms[0]:.1f} ms "
        f"at least, {median(took_ms):.1f} in the median; {used_ms:.1f} ms of processor time each"
    )


def show_requests(pictures: Sequence[Path], rounds: int, seconds: int, remembered: bool) -> None:
    """Print the processor time a request for each kind of watching."""
    found = compare(pictures, rounds, seconds, remembered)
    for name, each_ms in found.items():
        ratios = sorted(each / text for each, text in zip(each_ms, found["text"], strict=True))
        print(
            f"{name}: {median(each_ms):.2f} ms of processor time a request; in the rounds "
            f"{median(ratios):.3f} times that of text in the median, {ratios[0]:.2f} to "
            f"{ratios[-1]:.2f}"
        )


def show_spans(pictures: Sequence[Path], rounds: int) -> None:
    """Print the processor time of a picture in the library, and of making and sending its spans."""
    with collecting() as collector:
        os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector
        recorder = start_recorder(os.environ)
        if recorder is None:
            raise SystemExit("there are no traces: install deploy/requirements-otel.txt")
        classifier = HybridClassifier(enable_caching=False, on_stage=observe_stage)
        work_ms, spans_ms = list[float](), list[float]()
        for _ in range(rounds):
            requests = []
            began_seconds = time.thread_time()
            for picture in pictures:
                ended = stages.begin()
                stages.note(stages.ServiceStage.READ, 0.001)
                answer = classifier.classify(picture)
                stages.note(stages.ServiceStage.REPLY, 0.001)
                requests.append(_traced(ended, answer))
            worked_seconds = time.thread_time()
            for request in requests:
                recorder.record(request)
            recorder.flush()
            spans_ms.append(1000 * (time.thread_time() - worked_seconds) / len(pictures))
            work_ms.append(1000 * (worked_seconds - began_seconds) / len(pictures))
        recorder.close()
    print(
        f"a picture takes {median(work_ms):.2f} ms of processor time in the library, its spans "
        f"{median(spans_ms):.2f} ms, made and sent"
    )


def _traced(ended: Sequence[stages.StageTime], answer: Mapping[str, Any]) -> TracedRequest:
    told = {"logo.type": answer["logo_type"], "logo.confidence": answer["confidence"]}
    told |= {"logo.answered_by": answer["method_used"], "logo.cached": answer["cached"]}
    seconds = sum(each.seconds for each in ended)
    return TracedRequest("POST", "/classify", 200, time.time_ns(), seconds, ended, None, told)


def _used_seconds(process: psutil.Process) -> float:
    used = process.cpu_times()
    return used.user + used.system


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("what", choices=["scrapes", "requests", "spans"])
    parser.add_argument("pictures", type=Path, help="folder of PNG files")
    parser.add_argument("--workers", type=int, default=4, help="that are scraped")
    parser.add_argument("--scrapes", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--seconds", type=int, default=1)
    parser.add_argument("--remembered", action="store_true", help="answers come from the cache")
    arguments = parser.parse_args()
    end_on_sigterm()
    pictures = sorted(arguments.pictures.glob("*.png"))[:_PICTURES]
    if arguments.what == "scrapes":
        show_scrapes(pictures, arguments.workers, arguments.scrapes)
    elif arguments.what == "spans":
        show_spans(pictures, arguments.rounds)
    else:
        show_requests(pictures[:_CYCLED], arguments.rounds, arguments.seconds, arguments.remembered)


if __name__ == "__main__":
    main()
