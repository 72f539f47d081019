"""Measure what being watched costs: scrapes of the metrics, lines of the log, traces.

    python -m benchmarks.observing data/images

starts four workers, sends pictures and refusals, and times scrapes while nothing else is asked.
Then one worker is loaded by `wrk` (Debian package) with each kind of log and with traces, in turn
and in several rounds. What counts there is the worker's processor time a request, which neighbours
on the machine hardly change.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from threading import Thread

import httpx
from prometheus_client.parser import text_string_to_metric_families

from benchmarks.load import cycle_script, run_load
from benchmarks.service import end_on_sigterm, serving

_TIMEOUT_SECONDS = 60
_CLIENTS = 2


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


def processor_ms(script: Path, seconds: int, **settings: str) -> float:
    """Return the milliseconds of processor time that a worker takes for a request under load."""
    with serving(LOGO_WORKERS="1", **settings) as served:
        (worker,) = served.workers()
        run_load(served.address, script, _CLIENTS, 1)
        before = worker.cpu_times()
        load = run_load(served.address, script, _CLIENTS, seconds)
        after = worker.cpu_times()
    used_seconds = after.user + after.system - before.user - before.system
    return 1000 * used_seconds / load.requests


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
    with collecting() as collector, tempfile.TemporaryDirectory() as scratch:
        script = cycle_script(Path(scratch) / "cycle.lua", pictures)
        kinds = {
            "no log": {"LOGO_LOG_LEVEL": "warning"},
            "text": {},
            "json": {"LOGO_LOG_FORMAT": "json"},
            "text, traces": {"OTEL_EXPORTER_OTLP_ENDPOINT": collector},
        }
        for _ in range(rounds):
            for kind, settings in kinds.items():
                own = {"LOGO_ENABLE_CACHING": str(remembered), **settings}
                found[kind].append(processor_ms(script, seconds, **own))
    return found


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("pictures", type=Path, help="folder of PNG files")
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--scrapes", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--remembered", action="store_true", help="answers come from the cache")
    parser.add_argument("--seconds", type=int, default=3)
    arguments = parser.parse_args()
    end_on_sigterm()
    pictures = sorted(arguments.pictures.glob("*.png"))[:100]
    with serving(LOGO_WORKERS=str(arguments.workers), LOGO_LOG_LEVEL="warning") as served:
        make_traffic(served.address, pictures, 100)
        took_ms, text = scrape(served.address, arguments.scrapes)
    print(
        f"{arguments.workers} workers, {count_samples(text)} samples, {len(took_ms)} scrapes: "
        f"{took_ms[0]:.1f} ms at least, {median(took_ms):.1f} in the median, "
        f"{took_ms[int(0.99 * len(took_ms))]:.1f} in the 99th percentile"
    )
    sys.stdout.flush()
    chosen = (arguments.rounds, arguments.seconds, arguments.remembered)
    for name, each_ms in compare(pictures, *chosen).items():
        print(f"{name}: {median(each_ms):.2f} ms a request ({min(each_ms):.2f} at least)")


if __name__ == "__main__":
    main()
