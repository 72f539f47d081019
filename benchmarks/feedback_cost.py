"""What it costs a reply that answers are kept: servers with and without a store, in turn.

    python -m benchmarks.feedback_cost data/images --postgresql postgresql://user@host/name

starts a server without a store, one with SQLite, one that keeps pictures too, and one with
PostgreSQL where an address is given. One client sends each picture to all of them in turn, so that
a slow moment of the machine meets all alike. Prints the median and the 95th percentile of the
difference from the server without a store, over the pictures.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import httpx
from tqdm import tqdm

from benchmarks.figures import percentile
from benchmarks.service import serving

_PNG = {"Content-Type": "image/png"}
_WITHOUT = "no store"


def measure(addresses: dict[str, str], pictures: list[Path]) -> dict[str, list[float]]:
    """Return the seconds of each reply of each server; the order of the servers turns."""
    seconds: dict[str, list[float]] = {name: [] for name in addresses}
    names = list(addresses)
    with ExitStack() as stack:
        clients = {
            name: stack.enter_context(httpx.Client(base_url=url, timeout=60))
            for name, url in addresses.items()
        }
        for number, picture in enumerate(tqdm(pictures, unit="img")):
            data = picture.read_bytes()
            turn = number % len(names)
            for name in (*names[turn:], *names[:turn]):
                began = time.perf_counter()
                clients[name].post("/classify", content=data, headers=_PNG).raise_for_status()
                seconds[name].append(time.perf_counter() - began)
    return seconds


def render(seconds: dict[str, list[float]]) -> str:
    """Return a table of milliseconds beside the server without a store."""
    without = seconds[_WITHOUT]
    lines = ["| store | reply, median ms | difference, median ms | 95th percentile ms |"]
    lines.append("|---|---|---|---|")
    for name, those in seconds.items():
        more = [1000 * (a - b) for a, b in zip(those, without, strict=True)]
        shown = f"{statistics.median(more):+.2f} | {percentile(more, 0.95):+.2f}"
        difference = shown if name != _WITHOUT else "- | -"
        lines.append(f"| {name} | {1000 * statistics.median(those):.2f} | {difference} |")
    return "\n".join(lines)


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("pictures", type=Path, help="folder of PNG files")
    parser.add_argument("--postgresql", metavar="URL", help="an empty database")
    parser.add_argument("--different", type=int, default=1000, help="pictures that are sent")
    arguments = parser.parse_args()
    pictures = sorted(arguments.pictures.glob("*.png"))[: arguments.different]
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        settings: dict[str, dict[str, str]] = {
            _WITHOUT: {},
            "the same again": {},
            "SQLite": {"LOGO_FEEDBACK_URL": f"sqlite:///{folder}/plain.db"},
            "SQLite and pictures": {
                "LOGO_FEEDBACK_URL": f"sqlite:///{folder}/pictures.db",
                "LOGO_KEEP_FEEDBACK_IMAGES": f"{folder}/pictures",
            },
        }
        if arguments.postgresql:
            settings["PostgreSQL"] = {"LOGO_FEEDBACK_URL": arguments.postgresql}
        addresses = {
            name: stack.enter_context(
                serving(**chosen, LOGO_WORKERS="1", LOGO_LOG_LEVEL="warning")
            ).address
            for name, chosen in settings.items()
        }
        print(render(measure(addresses, pictures)))


if __name__ == "__main__":
    main()
