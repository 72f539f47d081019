"""Compare Gunicorn's worker classes under the same load, side by side in one run.

    python -m benchmarks.worker_classes tests/data/golden

Needs `wrk` (Debian package). Every setting serves in turn, several rounds over, so that a
busy neighbour disturbs all alike; medians are printed. Pictures are uploaded raw, in turn,
with caching off.
"""

from __future__ import annotations

import argparse
import re
import statistics
import subprocess
import tempfile
from pathlib import Path

from benchmarks.service import serving

ROUNDS = 3
SECONDS = 8
CLIENTS = (1, 4, 16)
COMMON = {"LOGO_ENABLE_CACHING": "false", "LOGO_LOG_LEVEL": "error"}
SETTINGS = {
    "sync": {"LOGO_WORKER_CLASS": "sync", "LOGO_THREADS": "1"},
    "gthread, no keep-alive": {},
    "gthread, keep-alive 2 s": {"LOGO_KEEPALIVE_SECONDS": "2"},
    "gthread, keep-alive 2 s, 32 places": {
        "LOGO_KEEPALIVE_SECONDS": "2",
        "LOGO_WORKER_CONNECTIONS": "32",
    },
}

LUA = """
local pictures = {%s}
local turn = 0
for i, path in ipairs(pictures) do
  local file = io.open(path, "rb"); pictures[i] = file:read("*a"); file:close()
end
request = function()
  turn = turn %% #pictures + 1
  return wrk.format("POST", "/classify", {["Content-Type"] = "image/png"}, pictures[turn])
end
"""


def load(address: str, script: Path, clients: int) -> tuple[float, float, float, int]:
    """Return requests a second, median and 99th percentile in ms, and failed requests."""
    command = [
        "wrk",
        "-t1",
        f"-c{clients}",
        f"-d{SECONDS}s",
        "--latency",
        "-s",
        str(script),
        address,
    ]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1])  # type: ignore[index]
    failed = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    broken = re.search(
        r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", text
    )
    failures = int(failed[1]) if failed else 0
    failures += sum(map(int, broken.groups())) if broken else 0
    return rate, milliseconds(text, 50), milliseconds(text, 99), failures


def milliseconds(text: str, percentile: int) -> float:
    """Return one line of wrk's latency distribution in ms."""
    value, unit = re.search(rf"{percentile}%\s+([\d.]+)(us|ms|s)\b", text).groups()  # type: ignore[union-attr]
    return float(value) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[unit]


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pictures", type=Path, help="folder of PNG files")
    paths = sorted(parser.parse_args().pictures.glob("*.png"))
    results: dict[tuple[str, int], list[tuple[float, float, float, int]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "upload.lua"
        script.write_text(LUA % ", ".join(f'"{path.resolve()}"' for path in paths))
        for _ in range(ROUNDS):
            for name, settings in SETTINGS.items():
                with serving(**{**COMMON, **settings}) as server:
                    for clients in CLIENTS:
                        row = load(server.address, script, clients)
                        results.setdefault((name, clients), []).append(row)
    print(f"{'setting':36}{'clients':>8}{'req/s':>8}{'p50 ms':>8}{'p99 ms':>8}{'failed':>8}")
    for (name, clients), rows in sorted(results.items(), key=lambda item: item[0][1]):
        rate, p50, p99, failed = (statistics.median(column) for column in zip(*rows, strict=True))
        print(f"{name:36}{clients:8}{rate:8.0f}{p50:8.1f}{p99:8.1f}{failed:8.0f}")


if __name__ == "__main__":
    main()
