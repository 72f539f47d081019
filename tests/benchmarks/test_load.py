"""The benchmark reads what `wrk` reports, failures above all."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.load import Load, Unreadable, cycle_script, has_wrk, parse_report, run_load
from benchmarks.pictures import FORM_TYPE, write_forms
from benchmarks.sections.repeats import counted
from benchmarks.service import ServerFailed, free_port, running, serving
from benchmarks.trials import UNCACHED

GOLDEN = sorted((Path(__file__).parents[1] / "data" / "golden").glob("*.png"))

REPORT = """Running 2s test @ http://127.0.0.1:8123
  1 threads and 4 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency    14.49ms   26.38ms 197.05ms   93.40%
    Req/Sec   470.30    120.43   670.00     60.00%
  Latency Distribution
     50%    {p50}
     75%   12.47ms
     90%   21.02ms
     99%  {p99}
  936 requests in 2.00s, 171.10KB read
{trouble}Requests/sec:    467.75
Transfer/sec:     85.51KB
"""


def report(p50: str = "8.01ms", p99: str = "154.29ms", trouble: str = "") -> str:
    return REPORT.format(p50=p50, p99=p99, trouble=trouble)


def test_a_report_is_read() -> None:
    assert parse_report(report()) == Load(936, 467.75, 8.01, 154.29, 0)


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [("870.00us", 0.87), ("8.01ms", 8.01), ("1.25s", 1250), ("1.10m", 66_000), ("0.00us", 0)],
)
def test_every_unit_becomes_milliseconds(text: str, milliseconds: float) -> None:
    load = parse_report(report(p50=text, p99=text))

    assert load.p50_ms == load.p99_ms == pytest.approx(milliseconds)


@pytest.mark.parametrize(
    ("trouble", "failed"),
    [
        ("  Non-2xx or 3xx responses: 17\n", 17),
        ("  Socket errors: connect 1, read 20, write 300, timeout 4000\n", 4321),
        (
            "  Socket errors: connect 0, read 2, write 0, timeout 0\n"
            "  Non-2xx or 3xx responses: 3\n",
            5,
        ),
    ],
)
def test_failed_requests_are_counted_and_spoil_the_load(trouble: str, failed: int) -> None:
    load = parse_report(report(trouble=trouble))

    assert (load.failed, load.valid) == (failed, False)


def test_a_load_without_a_single_reply_is_not_valid() -> None:
    assert not parse_report(report().replace("936 requests", "0 requests")).valid


@pytest.mark.parametrize("line", ["Requests/sec", "99%", "requests in"])
def test_a_report_that_lacks_a_number_is_refused(line: str) -> None:
    text = "\n".join(kept for kept in report().splitlines() if line not in kept)

    with pytest.raises(Unreadable):
        parse_report(text)


def test_counters_are_summed_over_their_labels() -> None:
    text = 'logo_x_total{a="1"} 2.0\nlogo_x_total{a="2"} 3.0\nlogo_x_totals 9\n# logo_x_total 7\n'

    assert counted(text, "logo_x_total") == 5
    assert counted(text, "logo_missing_total") == 0


def test_a_server_that_does_not_start_is_told_with_what_it_wrote() -> None:
    command = ["sh", "-c", "echo no such flag; exit 2"]

    with pytest.raises(ServerFailed, match="no such flag"), running(command, {}, free_port()):
        pass


@pytest.mark.skipif(not has_wrk(), reason="wrk is not installed")
def test_a_real_load_on_the_real_service(tmp_path: Path) -> None:
    forms = write_forms(tmp_path / "forms", GOLDEN, 2)
    single = cycle_script(tmp_path / "single.lua", GOLDEN)
    batch = cycle_script(tmp_path / "batch.lua", forms, "/classify/batch", FORM_TYPE)
    wrong = cycle_script(tmp_path / "wrong.lua", GOLDEN, "/no-such-page")

    with serving(**UNCACHED, LOGO_WORKERS="1") as served:
        loads = [run_load(served.address, script, 2, 1) for script in (single, batch, wrong)]

    assert [load.valid for load in loads] == [True, True, False]
    assert loads[2].failed == loads[2].requests > 0
    assert not served.master.is_running()
