"""Serve the network with BentoML, one picture at a time or with adaptive batching."""

# No `from __future__ import annotations`: BentoML reads the annotations themselves.
from pathlib import Path
from typing import Any

import bentoml

from benchmarks.peers.network import Answer, classify, open_network

SETTINGS: dict[str, Any] = {
    "workers": 2,
    "metrics": {"enabled": False},
    "logging": {"access": {"enabled": False}},
}


@bentoml.service(**SETTINGS)
class Direct:
    """A service that classifies each upload separately."""

    def __init__(self) -> None:
        self.network = open_network()

    @bentoml.api(route="/classify")
    async def classify(self, picture: bytes, /) -> dict[str, Any]:
        """Classify a raw upload; a worker has one core, so a separate thread gains nothing."""
        return classify(self.network, [picture])[0]


@bentoml.service(**SETTINGS)
class Batching:
    """A service that classifies waiting uploads together."""

    def __init__(self) -> None:
        self.network = open_network()

    @bentoml.api(route="/classify", batchable=True, max_batch_size=4, max_latency_ms=1000)
    async def classify(self, images: list[Path]) -> list[Answer]:
        """Classify a batch of uploads from forms, because BentoML does not batch raw bodies."""
        return classify(self.network, [path.read_bytes() for path in images])
