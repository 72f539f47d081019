"""What a worker takes is told under its number."""

from __future__ import annotations

import time

from prometheus_client import REGISTRY

from app.server.resources import ResourceMeter


def sample(name: str) -> float:
    value = REGISTRY.get_sample_value(name, {"worker": "41"})
    assert value is not None
    return value


def test_memory_is_set_and_processor_time_grows_by_what_was_used() -> None:
    meter = ResourceMeter(41)
    before_seconds = time.process_time()
    meter.observe()
    first = sample("logo_worker_cpu_seconds_total")
    while time.process_time() < before_seconds + 0.05:
        pass

    meter.observe()

    assert first >= before_seconds
    assert before_seconds + 0.05 <= sample("logo_worker_cpu_seconds_total") <= time.process_time()
    assert sample("logo_worker_resident_bytes") > 1_000_000
