"""Load a server with `wrk` and parse its report.

`wrk` (Debian package) is a closed-loop load generator: each client waits for its reply before it
sends again. It corrects latencies for coordinated omission: a latency above twice the mean is
counted again for each mean that it is longer (wrk.c, stats_correct). Requests that the end of a
load cuts off are in no percentile.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

TIMEOUT_SECONDS = 30

_MILLISECONDS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0, "h": 3_600_000.0}

# wrk does not report a connection that the server closes without a reply, so this script counts
# the requests.
_COUNT = """
sent = 0
local threads = {}
setup = function(thread) table.insert(threads, thread) end
done = function()
  for _, thread in ipairs(threads) do print("Requests sent: " .. thread:get("sent")) end
end
"""

# Requests are built before the measurement, so that the load generator needs little CPU time.
_CYCLE = """
local files = {%(files)s}
local requests, turn = {}, 0
init = function()
  local headers = {["Content-Type"] = "%(content_type)s", ["Connection"] = "%(connection)s"}
  for i, path in ipairs(files) do
    local file = io.open(path, "rb")
    requests[i] = wrk.format("POST", "%(target)s", headers, file:read("*a"))
    file:close()
  end
end
request = function()
  sent = sent + 1
  turn = turn %% #requests + 1
  return requests[turn]
end
"""

# Bytes after the end of a picture change its digest, but not its pixels.
_REPEAT = """
local files = {%(files)s}
local bodies, different = {}, 0
local headers = {["Content-Type"] = "application/octet-stream"}
for i, path in ipairs(files) do
  local file = io.open(path, "rb"); bodies[i] = file:read("*a"); file:close()
end
math.randomseed(%(seed)d)
request = function()
  sent = sent + 1
  local number
  if different > 0 and math.random() < %(share)f then
    number = math.random(different)
  else
    different = different + 1
    number = different
  end
  local body = bodies[(number - 1) %% #bodies + 1] .. string.format("%(seed)d-%%08d", number)
  return wrk.format("POST", "/classify", headers, body)
end
"""


class Unreadable(Exception):
    """A load generator that failed, or a report without an expected number."""


@dataclass(frozen=True)
class Load:
    """The results of one load; latencies are in ms.

    `failed` counts replies other than 2xx and 3xx, broken connections, timeouts, and requests
    without a reply.
    """

    requests: int
    rate: float
    p50_ms: float
    p99_ms: float
    failed: int

    @property
    def valid(self) -> bool:
        """Return whether there were requests and none failed."""
        return self.requests > 0 and self.failed == 0


def has_wrk() -> bool:
    """Return whether the load generator is installed."""
    return shutil.which("wrk") is not None


def cycle_script(
    script: Path,
    bodies: Sequence[Path],
    target: str = "/classify",
    content_type: str = "application/octet-stream",
    connection: str = "keep-alive",
) -> Path:
    """Write a script that posts the files in a cycle; return its path."""
    options = {"target": target, "content_type": content_type, "connection": connection}
    script.write_text(_COUNT + _CYCLE % {"files": _quoted(bodies), **options})
    return script


def repeat_script(script: Path, pictures: Sequence[Path], share: float, seed: int) -> Path:
    """Write a script in which a share (0-1) of the requests repeats an earlier picture.

    A repeated picture is drawn uniformly from all earlier ones. The other requests have bytes that
    neither this script nor one with another seed has sent before.
    """
    script.write_text(_COUNT + _REPEAT % {"files": _quoted(pictures), "share": share, "seed": seed})
    return script


def run_load(address: str, script: Path, clients: int, seconds: int) -> Load:
    """Load an address with closed-loop clients; raise Unreadable if `wrk` fails."""
    command = ["wrk", "-t1", f"-c{clients}", f"-d{seconds}s", f"--timeout={TIMEOUT_SECONDS}s"]
    command += ["--latency", "-s", str(script), address]
    try:
        done = subprocess.run(
            command,
            check=True,
            capture_output=True,
            text=True,
            timeout=seconds + TIMEOUT_SECONDS + 30,
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        raise Unreadable(f"wrk failed: {error}; {error.stdout!r} {error.stderr!r}") from error
    return parse_report(done.stdout, clients)


def parse_report(text: str, clients: int) -> Load:
    """Parse the report of `wrk --latency`; raise Unreadable if a number is missing.

    The end of the load may cut off one request per client, which is not a failure.
    """
    failed = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    broken = re.search(
        r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", text
    )
    failures = int(failed[1]) if failed else 0
    failures += sum(map(int, broken.groups())) if broken else 0
    answered = int(_found(r"(\d+) requests in", text)[1])
    sent = int(_found(r"Requests sent: (\d+)", text)[1]) - 1  # wrk calls the script once as a test
    failures += max(0, sent - answered - clients)
    return Load(
        requests=answered,
        rate=float(_found(r"Requests/sec:\s+([\d.]+)", text)[1]),
        p50_ms=_latency_ms(text, 50),
        p99_ms=_latency_ms(text, 99),
        failed=failures,
    )


def _latency_ms(text: str, percentile: int) -> float:
    found = _found(rf"^\s*{percentile}%\s+([\d.]+)(us|ms|s|m|h)\s*$", text)
    return float(found[1]) * _MILLISECONDS[found[2]]


def _found(pattern: str, text: str) -> re.Match[str]:
    found = re.search(pattern, text, re.MULTILINE)
    if found is None:
        raise Unreadable(f"the report of wrk lacks {pattern!r}:\n{text}")
    return found


def _quoted(paths: Sequence[Path]) -> str:
    return ", ".join(f"[==[{path.resolve()}]==]" for path in paths)
