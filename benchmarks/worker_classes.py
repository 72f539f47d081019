"""Compare Gunicorn's worker classes under the same load, side by side in one run.

    python -m benchmarks.worker_classes tests/data/golden

Needs `wrk` (Debian package). Every setting serves in turn, several rounds over, so that a
busy neighbour disturbs all alike; medians are printed. Pictures are uploaded raw, in turn,
with caching off. A gthread worker has three threads, and four places or 32.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from pathlib import Path

from benchmarks.load import Load, cycle_script, run_load
from benchmarks.service import serving

ROUNDS = 3
SECONDS = 8
CLIENTS = (1, 4, 16)
COMMON = {"LOGO_ENABLE_CACHING": "false", "LOGO_LOG_LEVEL": "error"}
# Fewer places than clients: with the many of the defaults, kept connections starve nobody.
FEW_PLACES = {"LOGO_THREADS": "3", "LOGO_WORKER_CONNECTIONS": "4"}
MANY_PLACES = {"LOGO_THREADS": "3", "LOGO_WORKER_CONNECTIONS": "32"}
SETTINGS = {
    "sync": {"LOGO_WORKER_CLASS": "sync", "LOGO_THREADS": "1"},
    "gthread, no keep-alive": FEW_PLACES,
    "gthread, keep-alive 2 s": {**FEW_PLACES, "LOGO_KEEPALIVE_SECONDS": "2"},
    "gthread, keep-alive 2 s, 32 places": {**MANY_PLACES, "LOGO_KEEPALIVE_SECONDS": "2"},
}


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pictures", type=Path, help="folder of PNG files")
    paths = sorted(parser.parse_args().pictures.glob("*.png"))
    results: dict[tuple[str, int], list[Load]] = {}
    with tempfile.TemporaryDirectory() as folder:
        script = cycle_script(Path(folder) / "upload.lua", paths)
        for _ in range(ROUNDS):
            for name, settings in SETTINGS.items():
                with serving(**{**COMMON, **settings}) as server:
                    for clients in CLIENTS:
                        load = run_load(server.address, script, clients, SECONDS)
                        results.setdefault((name, clients), []).append(load)
    print(f"{'setting':36}{'clients':>8}{'req/s':>8}{'p50 ms':>8}{'p99 ms':>8}{'failed':>8}")
    for (name, clients), loads in sorted(results.items(), key=lambda item: item[0][1]):
        rate, p50, p99 = (
            statistics.median(getattr(load, figure) for load in loads)
            for figure in ("rate", "p50_ms", "p99_ms")
        )
        failed = sum(load.failed for load in loads)
        print(f"{name:36}{clients:8}{rate:8.0f}{p50:8.1f}{p99:8.1f}{failed:8}")


if __name__ == "__main__":
    main()
