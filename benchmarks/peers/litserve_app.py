"""Serve the network with LitServe; the environment variables `PEER_*` configure it."""

# No `from __future__ import annotations`: LitServe passes the annotation itself to FastAPI.
import os
from typing import Annotated, Any

import litserve
from fastapi import Body

from benchmarks.peers.network import Answer, classify, open_network

WORKERS = 2


class LogoApi(litserve.LitAPI):
    """An API that replies to a raw upload with type and confidence."""

    def setup(self, device: str) -> None:
        """Load the network in each worker."""
        self.network = open_network()

    def decode_request(
        self, request: Annotated[bytes, Body(media_type="application/octet-stream")]
    ) -> bytes:
        """Return the body unchanged."""
        return request

    def predict(self, inputs: bytes | list[bytes]) -> Any:
        """Classify one picture, or a batch if batching is on."""
        if isinstance(inputs, list):
            return classify(self.network, inputs)
        return classify(self.network, [inputs])[0]

    def encode_response(self, output: Answer) -> Answer:
        """Return the answer unchanged for JSON."""
        return output


def main() -> None:
    """Serve until a signal; a batch of 1 means no batching."""
    batch = int(os.environ["PEER_BATCH"])
    api = LogoApi(
        api_path="/classify",
        max_batch_size=batch,
        batch_timeout=int(os.environ["PEER_BATCH_TIMEOUT_MS"]) / 1000,
    )
    server = litserve.LitServer(api, accelerator="cpu", devices=1, workers_per_device=WORKERS)
    server.run(
        host="127.0.0.1",
        port=int(os.environ["PEER_PORT"]),
        num_api_servers=int(os.environ["PEER_HTTP"]),
        log_level="error",
        access_log=False,
        generate_client_file=False,
    )


if __name__ == "__main__":
    main()
