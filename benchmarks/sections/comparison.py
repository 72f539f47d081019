"""Compare the service with the network of a fixed version behind LitServe and BentoML.

The peers run only that network. Our service runs everything that ships: rules, routing and
calibration too.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

from benchmarks.load import cycle_script
from benchmarks.peers import PEERS, Peer, serving_peer
from benchmarks.peers.network import FIXED_VERSION
from benchmarks.pictures import FORM_TYPE, write_forms
from benchmarks.report import Goal, Section
from benchmarks.service import Served
from benchmarks.trials import UNCACHED, Bench, Trials, load_by_clients, ours

OURS, KEPT = "service", "service, keep-alive 2 s"
KEEPING = {**UNCACHED, "LOGO_KEEPALIVE_SECONDS": "2"}
FACTORS = {4: 1.3, 16: 1.3}
"""From the number of clients to the wanted ratio of our throughput to a peer's."""


def measure(bench: Bench) -> Section:
    """Measure the service and each peer with each of its settings."""
    servers: dict[str, Callable[[], AbstractContextManager[Served]]] = {
        OURS: partial(ours, UNCACHED),
        KEPT: partial(ours, KEEPING),
    }
    for name in PEERS:
        servers[name] = partial(serving_peer, name, bench.peers_python, bench.scratch)
    trials = Trials()
    for _, name, server in bench.interleaved(servers):
        script = _script(bench, PEERS.get(name))
        with server() as served:
            load_by_clients(bench, trials, name, served, script, list(FACTORS))
    kinds = dict.fromkeys(peer.kind for peer in PEERS.values())
    return Section(
        f"The network of {FIXED_VERSION} behind LitServe and BentoML",
        tables=[trials.table("two workers each, all pictures different, no cache")],
        goals=[goal for kind in kinds for n in FACTORS for goal in goals_against(trials, kind, n)],
        settings={
            OURS: UNCACHED,
            KEPT: KEEPING,
            **{name: peer.settings for name, peer in PEERS.items()},
        },
        rounds=trials.to_dict(),
    )


def _script(bench: Bench, peer: Peer | None) -> Path:
    """Write the script for a peer, or for our service."""
    path = bench.scratch / "compared.lua"
    connection = "close" if peer and not peer.keeps_connections else "keep-alive"
    if peer and peer.takes_forms:
        forms = write_forms(bench.scratch / "forms", bench.pictures, 1)
        return cycle_script(path, forms, content_type=FORM_TYPE, connection=connection)
    return cycle_script(path, bench.pictures, connection=connection)


def goals_against(trials: Trials, kind: str, clients: int) -> list[Goal]:
    """Return the goals of our service against the best setting of a peer in each round.

    One invalid setting makes the goals invalid, because it might have been the best.
    """
    keys = [(name, clients) for name, peer in PEERS.items() if peer.kind == kind]
    rate = tail = None
    if trials.valid((OURS, clients), *keys):
        rounds = list(zip(*(trials.loads[key] for key in keys), strict=True))
        mine = trials.loads[OURS, clients]
        pairs = list(zip(mine, rounds, strict=True))
        rate = statistics.median(own.rate / max(p.rate for p in peers) for own, peers in pairs)
        tail = statistics.median(own.p99_ms / min(p.p99_ms for p in peers) for own, peers in pairs)
    return [
        Goal(f"throughput / {kind}'s best, {clients} clients", rate, ">=", FACTORS[clients]),
        Goal(f"p99 / {kind}'s best, {clients} clients", tail, "<", 1),
    ]
