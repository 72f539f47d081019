"""Label sets are there before the first event, and few."""

from __future__ import annotations

from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from app.instruments import DISAGREEMENTS, totals

MOST_SAMPLES = 1000
"""A scrape reads so many of each worker at most."""


def test_every_kind_and_outcome_has_a_sample_before_the_first_event(client: FlaskClient) -> None:
    text = client.get("/metrics").text

    for sample in (
        'logo_requests_total{endpoint="/classify/batch",status="503"}',
        'logo_errors_total{kind="overloaded"}',
        'logo_fallbacks_total{tier="degraded"}',
        'logo_classifications_total{logo_type="text",method="ensemble",tier="conditional"}',
        'logo_stage_duration_seconds_count{stage="store"}',
        'logo_cache_lookups_total{cache="features",outcome="shared"}',
    ):
        assert f"{sample} " in text


def test_the_number_of_samples_is_bounded(client: FlaskClient) -> None:
    families = text_string_to_metric_families(client.get("/metrics").text)

    assert sum(len(f.samples) for f in families if f.name.startswith("logo_")) < MOST_SAMPLES


def test_totals_leave_out_what_has_not_counted() -> None:
    DISAGREEMENTS.labels("text", "simple").inc()

    found = totals(DISAGREEMENTS)

    assert {"serving_type": "text", "candidate_type": "simple"} in [labels for labels, _ in found]
    assert all(count for _, count in found)
