"""Every family of metrics has samples on a real server with two workers.

What prometheus_client cannot do in its multiprocess mode is missing there without a word.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from app import instruments
from tests.waiting import wait_until

from .conftest import Server, ServerMaker
from .test_live_calibration import fill

PNG = {"Content-Type": "image/png"}
STAGES = {"read", "wait", "decode", "features", "rules", "network", "store", "reply"}
TRIAL = {"model": "logo-type/1.6.0", "candidate": "logo-type/1.5.0", "candidate_share": "0.5"}


def samples(server: Server) -> dict[str, list[Sample]]:
    """Return the samples of each family."""
    text = server.get("/metrics").text
    return {family.name: family.samples for family in text_string_to_metric_families(text)}


def value(found: dict[str, list[Sample]], family: str, suffix: str = "", **labels: str) -> float:
    return sum(
        sample.value
        for sample in found[family]
        if sample.name == family + suffix and labels.items() <= sample.labels.items()
    )


def make_traffic(server: Server, make_image: Callable[..., bytes]) -> None:
    """Send pictures, a repeated one, a batch, refusals, a label and probes."""
    for size in (64, 65, 66, 66):
        reply = server.post("/classify", content=make_image(size=(size, 50)), headers=PNG)
        assert reply.status_code == 200
    asked = server.post("/classify?method=ensemble", content=make_image(), headers=PNG)
    body = {"request_id": asked.json()["request_id"], "true_label": "text"}
    assert server.post("/feedback", json=body).status_code == 202
    files = [("images", ("a.png", make_image(size=(70, 70)))), ("images", ("b.png", b"x"))]
    assert server.post("/classify/batch", files=files).status_code == 200
    assert server.post("/classify", content=b"x", headers=PNG).status_code == 415
    for path, status in {"/health/ready": 200, "/nowhere": 404}.items():
        assert server.get(path).status_code == status


def test_every_family_has_samples_of_all_workers(
    serve: ServerMaker, tmp_path: Path, make_image: Callable[..., bytes]
) -> None:
    path = tmp_path / "feedback.db"
    fill(path)
    with serve(feedback_url=f"sqlite:///{path}", feedback_ask=1, **TRIAL) as server:
        make_traffic(server, make_image)
        wait_until(lambda: "logo_live_coverage" in samples(server), "labels are measured")
        found = samples(server)

    own = {family.name for family in REGISTRY.collect() if family.name.startswith("logo_")}
    assert instruments.REQUESTS
    assert own == set(found)
    assert [name for name in own if not found[name]] == []
    assert not any("pid" in sample.labels for family in found.values() for sample in family)
    roles = {s.labels["role"]: s.labels["model"] for s in found["logo_version_info"] if s.value}
    assert roles == {"serving": TRIAL["model"], "candidate": TRIAL["candidate"]}
    for family, suffix in (
        ("logo_worker_resident_bytes", ""),
        ("logo_worker_cpu_seconds", "_total"),
    ):
        values = {s.labels["worker"]: s.value for s in found[family] if s.name == family + suffix}
        assert values.keys() == {"0", "1"}
        assert all(values.values())


def test_a_first_failure_meets_a_sample_of_zero(server: Server) -> None:
    found = samples(server)

    assert [
        s.value
        for s in found["logo_requests"]
        if s.name == "logo_requests_total"
        and s.labels == {"endpoint": "/classify", "status": "500"}
    ] == [0]


def test_a_picture_counts_once_in_each_of_its_stages(
    serve: ServerMaker, make_image: Callable[..., bytes]
) -> None:
    def observed(server: Server) -> dict[str, float]:
        return {
            stage: value(samples(server), "logo_stage_duration_seconds", "_count", stage=stage)
            for stage in STAGES
        }

    with serve(workers=1, enable_caching=False) as server:
        assert set(observed(server).values()) == {0}  # a warm-up is no request
        server.post("/classify?method=ensemble", content=make_image(), headers=PNG)
        one = observed(server)
        files = [("images", (f"{n}.png", make_image(size=(70 + n, 70)))) for n in range(10)]
        server.post("/classify/batch?method=ensemble", files=files)
        both = observed(server)
        held = value(samples(server), "logo_body_bytes_held")

    work = {"decode", "features", "rules", "network"}
    assert one == {stage: float(stage != "store") for stage in STAGES}
    assert {stage: both[stage] for stage in work} == dict.fromkeys(work, 11)
    assert both["read"] == both["reply"] == 2
    assert held == 0
