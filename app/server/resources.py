"""Tell the metrics what a worker takes of its machine."""

from __future__ import annotations

import time

import psutil

from app.instruments import WORKER_CPU, WORKER_MEMORY


class ResourceMeter:
    """The memory and processor time of this process, under the number of its worker.

    The collector of prometheus_client for processes tells nothing in its multiprocess mode.
    """

    def __init__(self, number: int) -> None:
        self._memory = WORKER_MEMORY.labels(number)
        self._cpu = WORKER_CPU.labels(number)
        self._process = psutil.Process()
        self._counted_seconds = 0.0

    def observe(self) -> None:
        """Set the resident memory, and count the processor time since the last call."""
        self._memory.set(self._process.memory_info().rss)
        used_seconds = time.process_time()
        self._cpu.inc(used_seconds - self._counted_seconds)
        self._counted_seconds = used_seconds
