"""The benchmark of being watched measures real servers."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.load import has_wrk
from benchmarks.observing import compare, make_traffic, scrape, show_spans
from benchmarks.service import serving


def test_scrapes_come_after_traffic_to_real_workers(golden: dict[Path, str]) -> None:
    with serving(LOGO_LOG_LEVEL="warning") as served:
        make_traffic(served.address, sorted(golden), 4)
        took_ms, text = scrape(served.address, 3)

    assert len(took_ms) == 3
    assert took_ms == sorted(took_ms)
    assert 'logo_errors_total{kind="unsupported_format"} 4.0' in text
    assert 'logo_requests_total{endpoint="/classify/batch",status="200"} 1.0' in text


@pytest.mark.skipif(not has_wrk(), reason="wrk is not installed")
def test_each_kind_of_watching_has_a_figure_for_each_round(golden: dict[Path, str]) -> None:
    found = compare(sorted(golden)[:3], rounds=1, seconds=1, remembered=False)

    assert found.keys() == {"text", "json", "text, traces"}
    assert all(len(each_ms) == 1 and each_ms[0] > 0 for each_ms in found.values())


def test_spans_are_compared_with_the_work_on_the_picture(
    golden: dict[Path, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "replaced")

    show_spans(sorted(golden)[:2], rounds=1)

    assert "ms of processor time in the library, its spans" in capsys.readouterr().out
