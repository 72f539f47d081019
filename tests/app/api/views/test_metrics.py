"""What is counted, and how a scraper gets it."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families

from app.instruments import observe_lookup, observe_result, observe_store_failure

ImageMaker = Callable[..., bytes]


class Counts:
    """Tell by how much a sample has grown since this object was made."""

    def __init__(self) -> None:
        self.before = self.samples()

    @staticmethod
    def samples() -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
        return {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in REGISTRY.collect()
            for sample in family.samples
        }

    def grown(self, name: str, **labels: str) -> float:
        key = (name, frozenset(labels.items()))
        return self.samples().get(key, 0.0) - self.before.get(key, 0.0)


@pytest.fixture
def counts() -> Counts:
    return Counts()


def test_requests_are_counted_and_timed_by_route(client: FlaskClient, counts: Counts) -> None:
    client.get("/health/live")
    client.get("/health/live")

    assert counts.grown("logo_requests_total", endpoint="/health/live", status="200") == 2
    assert counts.grown("logo_request_duration_seconds_count", endpoint="/health/live") == 2


def test_unknown_pages_share_one_label_however_they_are_called(
    client: FlaskClient, counts: Counts
) -> None:
    client.get("/a")
    client.get("/b")

    assert counts.grown("logo_requests_total", endpoint="unmatched", status="404") == 2


def test_answers_are_counted_by_type_method_and_tier(
    client: FlaskClient, counts: Counts, make_image: ImageMaker
) -> None:
    data = {"images": [(BytesIO(make_image()), "logo.png")], "method": "rule_based"}
    answer = client.post("/classify/batch", data=data).json["results"][0]

    labels = {"logo_type": answer["logo_type"], "method": "rule_based", "tier": "requested"}
    assert counts.grown("logo_classifications_total", **labels) == 1


def test_answers_from_the_cache_are_counted(
    client: FlaskClient, counts: Counts, make_image: ImageMaker
) -> None:
    picture = make_image(size=(61, 47))

    for _ in range(3):
        client.post("/classify?method=rule_based", data=picture, content_type="image/png")

    assert counts.grown("logo_cached_answers_total") == 2


def test_lookups_of_the_caches_and_failures_of_the_store_are_counted(counts: Counts) -> None:
    for outcome in ("memory", "memory", "shared", "joined", "miss"):
        observe_lookup("results", outcome)
    observe_store_failure("unreachable")

    found = {
        outcome: counts.grown("logo_cache_lookups_total", cache="results", outcome=outcome)
        for outcome in ("memory", "shared", "joined", "miss")
    }
    assert found == {"memory": 2, "shared": 1, "joined": 1, "miss": 1}
    assert counts.grown("logo_cache_store_failures_total", reason="unreachable") == 1


@pytest.mark.parametrize(
    ("tier", "fallbacks"), [("time_budget", 1), ("degraded", 1), ("neural", 0), ("requested", 0)]
)
def test_answers_that_circumstances_forced_are_counted_as_fallbacks(
    counts: Counts, tier: str, fallbacks: int
) -> None:
    observe_result(
        {
            "logo_type": "simple",
            "method_used": "rule_based",
            "routing_decision": {"tier": tier},
            "confidence": 0.9,
            "prediction_set": ["simple"],
            "model": {"name": "logo-type", "version": "1.6.0"},
            "cached": False,
        }
    )

    assert counts.grown("logo_fallbacks_total", tier=tier) == fallbacks


def test_errors_are_counted_by_kind_in_batches_too(client: FlaskClient, counts: Counts) -> None:
    client.post("/classify", data=b"x", content_type="image/png")
    client.post("/classify/batch", data={"images": [(BytesIO(b"x"), "logo.png")]})

    assert counts.grown("logo_errors_total", kind="unsupported_format") == 2


def test_metrics_are_served_as_prometheus_text(client: FlaskClient) -> None:
    reply = client.get("/metrics")

    assert reply.mimetype == "text/plain"
    names = {family.name for family in text_string_to_metric_families(reply.text)}
    assert {"logo_requests", "logo_request_duration_seconds", "logo_errors"} <= names


def test_a_scraper_may_ask_for_openmetrics(client: FlaskClient) -> None:
    reply = client.get("/metrics", headers={"Accept": "application/openmetrics-text"})

    assert reply.mimetype == "application/openmetrics-text"
    assert reply.text.endswith("# EOF\n")


@pytest.mark.parametrize(
    "accept",
    [
        "application/openmetrics-text; version=abc",
        "text/plain; version=x",
        "application/openmetrics-text; version=1.0.0-rc1",
        "a" * 5000,
    ],
)
def test_an_odd_accept_gets_the_plain_text_format(client: FlaskClient, accept: str) -> None:
    reply = client.get("/metrics", headers={"Accept": accept})

    assert reply.status_code == 200
    assert reply.mimetype == "text/plain"
