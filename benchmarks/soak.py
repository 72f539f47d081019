"""Soak test: load a server for minutes with all kinds of requests, and print its resources.

    python -m benchmarks.soak tests/data --seconds 300
    python -m benchmarks.soak tests/data --seconds 300 --disturbed

Eight clients send good, damaged and foreign files, raw and in JSON, batches and probes, while all
formats are allowed. Memory is private memory (USS) after each fifth of the time. Workers are not
replaced after a number of requests. With `--disturbed` there are a hundred slow senders and a
hundred slow readers beside them, and a reload every half a minute. Temporary files are those in
the workers' folder. The exit status is 1 if a reply was a 5xx, a connection broke, a reload or a
probe failed, or a worker was replaced without a reload.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from base64 import b64encode
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext, suppress
from io import BytesIO
from pathlib import Path

import httpx
import psutil
from PIL import Image
from tqdm import tqdm

from benchmarks.disturbance import Disturbance, disturbing
from benchmarks.service import Served, end_on_sigterm, serving

CLIENTS = 8
SPELLS = 5
BATCH = 8
GOLDEN = Path(__file__).parents[1] / "models" / "golden"
MORE_FORMATS = ("WEBP", "AVIF", "TIFF", "ICO")
_MIB = 1024 * 1024
_PNG = "image/png"


def in_more_formats() -> list[bytes]:
    """Return the first golden pictures in the formats that are off by default."""
    made = []
    for path in sorted(GOLDEN.glob("*.png"))[:5]:
        with Image.open(path) as picture:
            for name in MORE_FORMATS:
                stream = BytesIO()
                picture.convert("RGBA").save(stream, name)
                made.append(stream.getvalue())
    return made


def ask_once(client: httpx.Client, files: Sequence[bytes], chance: random.Random) -> str:
    """Send one random request; return its status, or the name of the connection error."""
    kind = chance.random()
    try:
        if kind < 0.1:
            reply = client.get(chance.choice(["/health", "/health/ready", "/metrics", "/docs"]))
        elif kind < 0.2:
            batch = [("images", (f"{n}.png", chance.choice(files))) for n in range(BATCH)]
            reply = client.post("/classify/batch", files=batch)
        else:
            data = chance.choice(files)
            if kind < 0.4:  # a picture not seen before
                data += chance.randbytes(8)
            if kind < 0.3:
                text = b64encode(data).decode()
                reply = client.post("/classify", json={"image": text})
            else:
                reply = client.post("/classify", content=data, headers={"Content-Type": _PNG})
    except httpx.TransportError as error:
        return type(error).__name__
    return str(reply.status_code)


def ask_until(address: str, files: Sequence[bytes], seed: int, end_seconds: float) -> Counter[str]:
    """Send requests sequentially until `end_seconds` on the monotonic clock; count statuses."""
    chance, statuses = random.Random(seed), Counter[str]()  # noqa: S311
    with httpx.Client(base_url=address, timeout=60, trust_env=False) as client:
        while time.monotonic() < end_seconds:
            statuses[ask_once(client, files, chance)] += 1
    return statuses


def load(address: str, files: Sequence[bytes], seconds: float) -> Counter[str]:
    """Load the service with all clients; return the number of replies by status."""
    end_seconds = time.monotonic() + seconds
    with ThreadPoolExecutor(CLIENTS) as pool:
        running = [
            pool.submit(ask_until, address, files, seed, end_seconds) for seed in range(CLIENTS)
        ]
        for _ in tqdm(range(round(seconds)), unit="s"):
            time.sleep(1)
        return sum((client.result() for client in running), Counter())


def holdings(worker: psutil.Process) -> tuple[float, int, int]:
    """Return a worker's private memory in MiB, and its numbers of open files and threads."""
    with worker.oneshot():
        return worker.memory_full_info().uss / _MIB, worker.num_fds(), worker.num_threads()


def report(
    served: Served,
    files: Sequence[bytes],
    seconds: float,
    scratch: Path,
    disturbance: Disturbance | None = None,
) -> bool:
    """Load for several spells; print statuses and resources; return whether nothing failed."""
    statuses = Counter[str]()
    rows = {worker.pid: [holdings(worker)] for worker in served.workers()}
    for _ in range(SPELLS):
        statuses += load(served.address, files, seconds / SPELLS)
        for worker in served.workers():
            with suppress(psutil.NoSuchProcess):  # replaced by a reload at this moment
                rows.setdefault(worker.pid, []).append(holdings(worker))
    print(f"{statuses.total()} requests in {seconds:.0f} s:", dict(sorted(statuses.items())))
    for pid, spells in rows.items():
        for name, column in zip(
            ("MiB", "files", "threads"), zip(*spells, strict=True), strict=True
        ):
            held = " ".join(f"{value:.0f}" for value in column)
            print(f"worker {pid}, {name} at the start and after each spell: {held}")
    print("temporary files:", sum(path.is_file() for path in scratch.rglob("*")))
    if disturbance:
        print(disturbance)
        whole = not disturbance.failed_reloads and not disturbance.failed_probes
    else:
        whole = all(len(spells) == SPELLS + 1 for spells in rows.values())
    return whole and all(status in "234" for status in {text[0] for text in statuses})


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="folder whose files are sent")
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--disturbed", action="store_true", help="slow clients and reloads beside")
    arguments = parser.parse_args()
    end_on_sigterm()
    files = [path.read_bytes() for path in sorted(arguments.folder.rglob("*.*")) if path.is_file()]
    if not files:
        raise SystemExit(f"{arguments.folder} has no file to send")
    files += [path.read_bytes() for path in sorted(GOLDEN.iterdir())] + in_more_formats()
    formats = ",".join(("PNG", "JPEG", "BMP", "GIF", *MORE_FORMATS))
    with (
        tempfile.TemporaryDirectory() as scratch,
        serving(
            TMPDIR=scratch, LOGO_LOG_LEVEL="error", LOGO_MAX_REQUESTS="0", LOGO_FORMATS=formats
        ) as served,
        disturbing(served) if arguments.disturbed else nullcontext() as disturbance,
    ):
        well = report(served, files, arguments.seconds, Path(scratch), disturbance)
    sys.exit(not well)


if __name__ == "__main__":
    main()
