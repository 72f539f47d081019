"""Try a candidate on a real server: an A/B test, then a shadow under overload.

    python -m benchmarks.candidate data/images --serving logo-type/1.6.0 --candidate logo-type/1.5.0

starts two workers for each, sends pictures, and prints what `GET /models` says of the candidate.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import httpx
from tqdm import tqdm

from benchmarks.service import serving

_PNG = {"Content-Type": "image/png"}
_TIMEOUT_SECONDS = 60


def ask_all(address: str, pictures: Iterable[Path], count: int, clients: int) -> Counter[str]:
    """Send pictures in turn from several clients; return how often which version answered.

    An answer other than 200 counts under its status.
    """

    def ask(picture: Path) -> str:
        reply = client.post("/classify", content=picture.read_bytes(), headers=_PNG)
        model = reply.json().get("model", {})
        return f"{model['name']}/{model['version']}" if model else str(reply.status_code)

    with (
        httpx.Client(base_url=address, timeout=_TIMEOUT_SECONDS) as client,
        ThreadPoolExecutor(clients) as pool,
    ):
        asked = pool.map(ask, islice(cycle(pictures), count))
        return Counter(tqdm(asked, total=count, unit="req"))


def candidate_of(address: str) -> dict[str, Any]:
    """Return what the service says of its candidate."""
    said: dict[str, Any] = httpx.get(f"{address}/models").json()["candidate"]
    return said


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("pictures", type=Path, help="folder of PNG files")
    parser.add_argument("--serving", required=True, help="name/version")
    parser.add_argument("--candidate", required=True, help="name/version")
    parser.add_argument("--requests", type=int, default=10_000, help="of the A/B test")
    parser.add_argument(
        "--different", type=int, default=5000, help="pictures that are sent in turn"
    )
    arguments = parser.parse_args()
    pictures = sorted(arguments.pictures.glob("*.png"))[: arguments.different]
    versions = {"LOGO_MODEL": arguments.serving, "LOGO_CANDIDATE": arguments.candidate}
    runs = {
        "answer, a tenth, 4 clients": ({"LOGO_CANDIDATE_SHARE": "0.1"}, arguments.requests, 4),
        "shadow, all, 32 clients": (
            {"LOGO_CANDIDATE_SHARE": "1", "LOGO_CANDIDATE_MODE": "shadow"},
            arguments.requests // 5,
            32,
        ),
    }
    for name, (settings, count, clients) in runs.items():
        with serving(**versions, **settings, LOGO_LOG_LEVEL="warning") as served:
            answers = ask_all(served.address, pictures, count, clients)
            print(f"{name}: {count} requests, {len(pictures)} different pictures")
            print(
                json.dumps(
                    {"answers": answers, "candidate": candidate_of(served.address)}, indent=1
                )
            )


if __name__ == "__main__":
    main()
