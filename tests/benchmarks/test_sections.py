"""The sections reduce what they measured to the right figures, and peers serve the real network."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from urllib.request import Request

import pytest

from benchmarks import soak
from benchmarks.load import Load
from benchmarks.peers import PEERS, network, serving_peer
from benchmarks.peers.network import open_network
from benchmarks.sections import footprint, growth, large, latency
from benchmarks.service import ROOT, open_local, serving
from benchmarks.trials import UNCACHED, Trials
from logo_classifier.network.bundle import load_bundle
from logo_classifier.network.neural import NeuralClassifier
from logo_classifier.versions.shipped import shipped

GOLDEN = sorted((Path(__file__).parents[2] / "models" / "golden").glob("*.png"))
PEERS_PYTHON = ROOT / ".venv-bench" / "bin" / "python"


def load(rate: float, p50_ms: float, p99_ms: float) -> Load:
    return Load(100, rate, p50_ms, p99_ms, 0)


def test_a_crowds_tail_is_held_against_the_mean_wait_that_throughput_implies() -> None:
    trials = Trials()
    for name in latency.SETTINGS:
        for clients in (1, 4, 16):
            trials.add(name, clients, load(200, 8, 24 if clients == 1 else 120))

    values = {goal.name: goal.value for goal in latency._goals(trials)}

    assert values["one client, p50"] == 8
    assert values["one client, p99 / p50"] == 3
    # 16 clients at 200 requests/s wait 80 ms on the mean.
    crowd = [value for name, value in values.items() if name.startswith("16 clients")]
    assert crowd == [pytest.approx(1.5)] * 3


def test_a_curve_with_a_missing_point_has_no_knee() -> None:
    trials = Trials()
    for clients, rate in ((1, 100), (2, 198), (4, 200), (8, 201)):
        trials.add("service", clients, load(rate, 8, 10))
    keys = {clients: ("service", clients) for clients in (1, 2, 4, 8)}
    whole = growth._section("clients", trials, keys, {})
    trials.add("service", 8, Load(100, 201, 8, 10, failed=1))
    spoilt = growth._section("clients", trials, keys, {})

    assert whole.tables[1].rows == [(2.0,)]
    assert spoilt.tables[1].rows == [(None,)]


def test_the_largest_pictures_are_held_against_the_full_decode() -> None:
    seconds = {
        "JPEG, flat, classify": [0.02, 0.03, 0.02],
        "JPEG, flat, decode": [0.1, 0.1, 0.1],
        "JPEG, flat, eighth": [0.01, 0.01, 0.01],
        "PNG, flat, classify": [0.3, 0.3, 0.3],
        "PNG, flat, decode": [0.25, 0.25, 0.25],
    }

    section = large._section({"JPEG, flat": bytes(2**20), "PNG, flat": bytes(2**20)}, seconds)

    assert [goal.value for goal in section.goals] == [pytest.approx(0.2), pytest.approx(1.2)]
    assert section.tables[0].rows[0][1:5] == [1, 20, 100, 10]
    assert section.tables[0].rows[1][4] == "-"


def test_the_fork_of_this_process_lies_in_the_past() -> None:
    assert 0 < footprint.forked(os.getpid()) <= footprint._since_boot()


def test_peers_answer_as_our_network_does() -> None:
    pictures = [path.read_bytes() for path in GOLDEN[:3]]
    own = NeuralClassifier(load_bundle(shipped()))

    together = network.classify(open_network(), pictures)
    alone = [network.classify(own, [data])[0] for data in pictures]

    assert [answer["logo_type"] for answer in together] == [one["logo_type"] for one in alone]
    assert len({answer["confidence"] for answer in together}) == 3


@pytest.mark.skipif(not PEERS_PYTHON.exists(), reason="the peers are not installed")
@pytest.mark.parametrize("name", ["LitServe", "LitServe, batches of 2", "BentoML"])
def test_a_peer_answers_over_http_as_the_network_does(name: str, tmp_path: Path) -> None:
    data = GOLDEN[0].read_bytes()
    headers = {"Content-Type": "application/octet-stream"}

    with serving_peer(name, PEERS_PYTHON, tmp_path) as served:
        request = Request(f"{served.address}/classify", data, headers)
        answer = json.load(open_local(request, 30))

    assert answer["logo_type"] == network.classify(open_network(), [data])[0]["logo_type"]


def test_settings_of_peers_say_what_they_are_started_with() -> None:
    peer = PEERS["LitServe, batches of 8"]

    assert "num_api_servers=1, max_batch_size=8, batch_timeout=2 ms" in peer.settings
    assert peer.environ["PEER_BATCH"] == "8"


@pytest.mark.parametrize(
    ("statuses", "well"), [(["200", "415"], True), (["200", "503"], False), (["ReadError"], False)]
)
def test_a_soak_fails_by_what_came_back(
    statuses: Sequence[str], well: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(soak, "load", lambda *_: Counter(statuses))

    with serving(**UNCACHED, LOGO_WORKERS="1") as served:
        assert soak.report(served, [b""], 1, tmp_path) is well
