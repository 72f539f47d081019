"""The same network behind other serving frameworks, in a separate environment."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.service import Served, ServerFailed, free_port, running

ENVIRON = {
    "OMP_NUM_THREADS": "1",
    "BENTOML_DO_NOT_TRACK": "true",
    # The same settings as in app/server/malloc.py.
    "MALLOC_ARENA_MAX": "2",
    "MALLOC_TRIM_THRESHOLD_": str(32 * 1024 * 1024),
    "MALLOC_MMAP_THRESHOLD_": str(32 * 1024 * 1024),
}
BENTOML = ("-m", "bentoml", "serve", "-q")


@dataclass(frozen=True)
class Peer:
    """The command and settings of one peer; `settings` is printed in the report.

    With `takes_forms` it needs pictures in the form field `images` and not as the body.
    """

    kind: str
    command: Sequence[str]
    ready_path: str
    settings: str
    environ: dict[str, str] = field(default_factory=dict)
    takes_forms: bool = False
    keeps_connections: bool = True


def _litserve(http_processes: int, batch: int = 1, timeout_ms: int = 0) -> Peer:
    """Return LitServe with a number of HTTP processes; a batch of 1 means no batching."""
    batching = (
        f"max_batch_size={batch}, batch_timeout={timeout_ms} ms" if batch > 1 else "no batching"
    )
    return Peer(
        "LitServe",
        ("-m", "benchmarks.peers.litserve_app"),
        "/health",
        f"workers_per_device=2, raw body, fast_queue not set, as this version ignores it, "
        f"num_api_servers={http_processes}, {batching}",
        {
            "PEER_HTTP": str(http_processes),
            "PEER_BATCH": str(batch),
            "PEER_BATCH_TIMEOUT_MS": str(timeout_ms),
        },
    )


_BENTOML_SETTINGS = "workers=2, asynchronous endpoint without a thread, metrics and access log off"

PEERS = {
    "LitServe": _litserve(http_processes=2),
    "LitServe, one HTTP process": _litserve(http_processes=1),
    "LitServe, batches of 2": _litserve(http_processes=1, batch=2, timeout_ms=1),
    "LitServe, batches of 4": _litserve(http_processes=1, batch=4, timeout_ms=5),
    "LitServe, batches of 8": _litserve(http_processes=1, batch=8, timeout_ms=2),
    "BentoML": Peer(
        "BentoML",
        (*BENTOML, "benchmarks.peers.bento_app:Direct"),
        "/readyz",
        f"{_BENTOML_SETTINGS}, raw body, no batching",
    ),
    "BentoML, no keep-alive": Peer(
        "BentoML",
        (*BENTOML, "benchmarks.peers.bento_app:Direct"),
        "/readyz",
        f"{_BENTOML_SETTINGS}, raw body, no batching; clients close each connection, since one "
        "worker often takes most of the kept ones",
        keeps_connections=False,
    ),
    "BentoML, batching": Peer(
        "BentoML",
        (*BENTOML, "benchmarks.peers.bento_app:Batching"),
        "/readyz",
        f"{_BENTOML_SETTINGS}, batchable=True, max_batch_size=4, max_latency_ms=1000; multipart "
        "forms, as it batches no raw bodies",
        takes_forms=True,
    ),
    "BentoML, batching, no keep-alive": Peer(
        "BentoML",
        (*BENTOML, "benchmarks.peers.bento_app:Batching"),
        "/readyz",
        f"{_BENTOML_SETTINGS}, batchable=True, max_batch_size=4, max_latency_ms=1000; multipart "
        "forms; clients close each connection",
        takes_forms=True,
        keeps_connections=False,
    ),
}


def serving_peer(name: str, python: Path, scratch: Path) -> AbstractContextManager[Served]:
    """Run a peer with an interpreter and its environment inside the block.

    Its files go to the scratch folder. Raises ServerFailed if the environment is missing.
    """
    if not python.exists():
        raise ServerFailed(f"{python} is missing: run `make .venv-bench/installed`")
    peer, port = PEERS[name], free_port()
    command = [str(python), *peer.command]
    if peer.kind == "BentoML":
        command += ["--host", "127.0.0.1", "--port", str(port)]
    environ = {"PEER_PORT": str(port), "BENTOML_HOME": str(scratch / "bentoml")}
    return running(command, {**ENVIRON, **peer.environ, **environ}, port, peer.ready_path)
