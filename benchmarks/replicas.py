"""Load two replicas behind nginx while one is killed and one is rolled; count what clients see.

    python -m benchmarks.replicas --pictures data/images

Needs Debian's nginx and redis-server. nginx has the configuration of deploy/nginx, the replicas
the settings of deploy/compose.yaml. Clients wait for each reply before they send again; most
requests repeat a picture that was answered before. There are two runs: replicas that share a
Redis, and replicas that do not. In each, one replica is killed (SIGKILL), started again, and the
other one is reloaded as `make reload` does. All of it runs on one machine, so rates say little;
failures, and hits beside repeats, are what counts. The exit status is 1 if a client saw a failure.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Lock

import httpx

from benchmarks.deployed import Replica, proxy, redis, replicas
from benchmarks.figures import percentile
from benchmarks.pictures import choose
from benchmarks.service import ROOT, end_on_sigterm

CLIENTS = 8
REPEATED_SHARE = 0.6
SPELL_SECONDS = 5.0

BOTH, ONE, STARTING, ROLLING, AFTER = (
    "both serve", "one was killed", "it starts again", "the other is rolled", "both serve again"
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: the spell in which it was sent, and what came back."""

    spell: str
    seconds: float
    outcome: str
    """The status, or the name of the connection's error."""
    repeated: bool
    cached: bool

    @property
    def is_failure(self) -> bool:
        """Return whether the client got no answer."""
        return self.outcome != "200"


class Workload:
    """Pictures to send: some are new, the others were answered before."""

    def __init__(self, pictures: Sequence[bytes], repeated_share: float, seed: int) -> None:
        self._pictures, self._share = pictures, repeated_share
        self._random, self._lock = random.Random(seed), Lock()  # noqa: S311
        self._count, self._answered = 0, list[int]()

    def draw(self) -> tuple[int, bytes, bool]:
        """Return a number, a picture, and whether it was answered before.

        Bytes after the end of a picture make it another one.
        """
        with self._lock:
            is_repeated = bool(self._answered) and self._random.random() < self._share
            if is_repeated:
                number = self._random.choice(self._answered)
            else:
                self._count += 1
                number = self._count
        picture = self._pictures[number % len(self._pictures)] + b"%08d" % number
        return number, picture, is_repeated

    def answered(self, number: int) -> None:
        """Let a picture be repeated from now on."""
        with self._lock:
            self._answered.append(number)


@dataclass
class Clients:
    """Clients that load an address; `spell` names what happens meanwhile."""

    address: str
    workload: Workload
    spell: str = BOTH
    asked: list[Asked] = field(default_factory=list)
    ended: Event = field(default_factory=Event)

    @contextmanager
    def loading(self) -> Iterator[None]:
        """Load inside the block."""
        with ThreadPoolExecutor(CLIENTS) as pool:
            running = [pool.submit(self._ask) for _ in range(CLIENTS)]
            try:
                yield
            finally:
                self.ended.set()
                for each in running:
                    each.result()

    def _ask(self) -> None:
        with httpx.Client(base_url=self.address, timeout=60, trust_env=False) as client:
            while not self.ended.is_set():
                number, picture, is_repeated = self.workload.draw()
                spell, began = self.spell, time.monotonic()
                outcome, is_cached = _post(client, picture)
                took = time.monotonic() - began
                self.asked.append(Asked(spell, took, outcome, is_repeated, is_cached))
                if outcome == "200" and not is_repeated:
                    self.workload.answered(number)


def _post(client: httpx.Client, picture: bytes) -> tuple[str, bool]:
    headers = {"Content-Type": "image/png"}
    try:
        reply = client.post("/classify", content=picture, headers=headers)
    except httpx.TransportError as error:
        return type(error).__name__, False
    is_answer = reply.status_code == httpx.codes.OK
    return str(reply.status_code), is_answer and bool(reply.json()["cached"])


def disturb(clients: Clients, first: Replica, second: Replica, spell_seconds: float) -> None:
    """Kill a replica, start it again, and roll the other one; each while clients load."""
    time.sleep(spell_seconds)
    clients.spell = ONE
    first.kill()
    time.sleep(spell_seconds)
    clients.spell = STARTING
    first.start()
    clients.spell = ROLLING
    second.reload()
    clients.spell = AFTER
    time.sleep(spell_seconds)


def run(pictures: Sequence[bytes], with_redis: bool, spell_seconds: float) -> list[Asked]:
    """Run the two replicas through all spells; return all requests."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        store = {"LOGO_REDIS_URL": stack.enter_context(redis(folder))} if with_redis else {}
        first, second = stack.enter_context(replicas(2, **store))
        address = stack.enter_context(proxy(folder, [first.port, second.port]))
        clients = Clients(address, Workload(pictures, REPEATED_SHARE, seed=1))
        with clients.loading():
            disturb(clients, first, second, spell_seconds)
    return clients.asked


def render(asked: Sequence[Asked]) -> str:
    """Return a table with a row a spell."""
    lines = ["| spell | requests | failures | p50, ms | slowest, ms | repeats from a cache |"]
    lines.append("|---|---|---|---|---|---|")
    for spell in (BOTH, ONE, STARTING, ROLLING, AFTER):
        found = [each for each in asked if each.spell == spell]
        if not found:
            continue
        failures = Counter(each.outcome for each in found if each.is_failure)
        told = ", ".join(f"{count} x {name}" for name, count in failures.items()) or "0"
        seconds = [each.seconds for each in found]
        repeats = [each.cached for each in found if each.repeated]
        hits = f"{sum(repeats) / len(repeats):.0%}" if repeats else "-"
        times = f"{1000 * percentile(seconds, 0.5):.0f} | {1000 * max(seconds):.0f}"
        lines.append(f"| {spell} | {len(found)} | {told} | {times} | {hits} |")
    return "\n".join(lines)


def main() -> None:
    """Run both set-ups and print their tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--pictures", type=Path, default=ROOT / "data" / "images")
    parser.add_argument("--count", type=int, default=200, help="most pictures to use")
    chosen = parser.parse_args()
    end_on_sigterm()
    pictures = [path.read_bytes() for path in choose(chosen.pictures, chosen.count, seed=1)]
    failed = False
    for with_redis in (True, False):
        asked = run(pictures, with_redis, SPELL_SECONDS)
        print("A Redis is shared:" if with_redis else "Each worker remembers alone:")
        print(render(asked), flush=True)
        failed |= any(each.is_failure for each in asked)
    sys.exit(failed)


if __name__ == "__main__":
    main()
