"""What a soak has around it is there, and is counted."""

from __future__ import annotations

import time

from benchmarks.disturbance import RELOAD_SECONDS, SLOW_CLIENTS, Disturbance, disturbing
from benchmarks.service import serving


def wait_for(done: Disturbance) -> None:
    deadline_seconds = time.monotonic() + RELOAD_SECONDS
    while done.connections < 2 * SLOW_CLIENTS or not done.probes:
        assert time.monotonic() < deadline_seconds, done
        time.sleep(0.1)


def test_slow_clients_come_while_probes_are_answered() -> None:
    with serving(LOGO_WORKERS="1") as served, disturbing(served) as done:
        wait_for(done)

    assert done.failed_probes == 0
    assert done.slowest_probe_seconds > 0
