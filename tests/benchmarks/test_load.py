"""The benchmark reads what `wrk` reports, failures above all."""

from __future__ import annotations

import sys
from pathlib import Path
from socketserver import BaseRequestHandler, TCPServer
from threading import Thread

import psutil
import pytest

from benchmarks import service
from benchmarks.load import (
    Load,
    Unreadable,
    cycle_script,
    has_wrk,
    parse_report,
    repeat_script,
    run_load,
)
from benchmarks.pictures import FORM_TYPE, write_forms
from benchmarks.sections.repeats import counted, hit_share
from benchmarks.service import ServerFailed, answers, free_port, running, serving
from benchmarks.trials import QUIET, UNCACHED

GOLDEN = sorted((Path(__file__).parents[2] / "models" / "golden").glob("*.png"))

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
Requests sent: {sent}
"""


def report(p50: str = "8.01ms", p99: str = "154.29ms", trouble: str = "", sent: int = 937) -> str:
    return REPORT.format(p50=p50, p99=p99, trouble=trouble, sent=sent)


def test_a_report_is_read() -> None:
    assert parse_report(report(), 4) == Load(936, 467.75, 8.01, 154.29, 0)


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [("870.00us", 0.87), ("8.01ms", 8.01), ("1.25s", 1250), ("1.10m", 66_000), ("0.00us", 0)],
)
def test_every_unit_becomes_milliseconds(text: str, milliseconds: float) -> None:
    load = parse_report(report(p50=text, p99=text), 4)

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
    load = parse_report(report(trouble=trouble), 4)

    assert (load.failed, load.valid) == (failed, False)


@pytest.mark.parametrize(("sent", "failed"), [(937, 0), (941, 0), (942, 1), (1000, 59)])
def test_requests_without_a_reply_count_as_failed(sent: int, failed: int) -> None:
    # Of 936 answered ones wrk counts one more for its trial, and four clients may be cut off.
    assert parse_report(report(sent=sent), 4).failed == failed


def test_a_load_without_a_single_reply_is_not_valid() -> None:
    assert not parse_report(report(sent=1).replace("936 requests", "0 requests"), 4).valid


@pytest.mark.parametrize("line", ["Requests/sec", "99%", "requests in", "Requests sent"])
def test_a_report_that_lacks_a_number_is_refused(line: str) -> None:
    text = "\n".join(kept for kept in report().splitlines() if line not in kept)

    with pytest.raises(Unreadable):
        parse_report(text, 4)


def test_counters_are_summed_over_their_labels() -> None:
    text = 'logo_x_total{a="1"} 2.0\nlogo_x_total{a="2"} 3.0\nlogo_x_totals 9\n# logo_x_total 7\n'

    assert counted(text, "logo_x_total") == 5
    assert counted(text, "logo_missing_total") == 0


def test_a_server_that_does_not_start_is_told_with_what_it_wrote() -> None:
    command = ["sh", "-c", "echo no such flag; exit 2"]

    with pytest.raises(ServerFailed, match="no such flag"), running(command, {}, free_port()):
        pass


def running_with(word: str) -> list[psutil.Process]:
    """Return the living processes that were started with this word."""
    found = psutil.process_iter(["cmdline", "status"])
    alive = (each for each in found if each.info["status"] != psutil.STATUS_ZOMBIE)
    return [each for each in alive if word in (each.info["cmdline"] or ())]


def test_what_a_dead_server_leaves_behind_is_ended() -> None:
    mark = f"600.{free_port()}"
    command = ["sh", "-c", f"sleep {mark} & exit 2"]

    with pytest.raises(ServerFailed), running(command, {}, free_port()):
        pass

    assert running_with(mark) == []


def test_what_a_server_started_in_a_session_of_its_own_is_ended_with_it() -> None:
    mark, port = f"600.{free_port()}", free_port()
    program = (
        "import subprocess, http.server\n"
        f"subprocess.Popen(['sleep', '{mark}'], start_new_session=True)\n"
        "class Ready(http.server.BaseHTTPRequestHandler):\n"
        "    def do_GET(self):\n"
        "        self.send_response(200); self.end_headers()\n"
        f"http.server.HTTPServer(('127.0.0.1', {port}), Ready).serve_forever()\n"
    )

    with running([sys.executable, "-c", program], {}, port) as served:
        served.master.kill()  # so that nothing but the harness can end what it started

    assert running_with(mark) == []


def test_a_server_that_ignores_sigterm_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "STOP_SECONDS", 0.2)
    program = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
    monkeypatch.setattr(service, "START_SECONDS", 1)

    with (
        pytest.raises(ServerFailed, match="does not serve"),
        running([sys.executable, "-c", program], {}, free_port()) as served,
    ):
        pytest.fail(f"{served} is not ready")

    assert [
        p for p in psutil.process_iter(["cmdline"]) if program in (p.info["cmdline"] or ())
    ] == []


def test_a_proxy_of_the_environment_is_passed_by(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{free_port()}")
    monkeypatch.delenv("no_proxy", raising=False)

    with serving(**UNCACHED, LOGO_WORKERS="1") as served:
        assert answers(f"{served.address}/health")


def test_variables_of_this_shell_do_not_reach_a_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGO_NO_SUCH_SETTING", "1")
    monkeypatch.setenv("GUNICORN_CMD_ARGS", "--no-such-flag")

    with serving(**UNCACHED) as served:
        assert len(served.workers()) == 2


@pytest.mark.skipif(not has_wrk(), reason="wrk is not installed")
def test_a_load_of_new_pictures_meets_no_cache_and_one_of_repeats_does(tmp_path: Path) -> None:
    new = repeat_script(tmp_path / "new.lua", GOLDEN, share=0.0, seed=1)
    same = repeat_script(tmp_path / "same.lua", GOLDEN, share=1.0, seed=1)

    with serving(**QUIET, LOGO_WORKERS="1") as served:
        hits = [hit_share(served, run_load(served.address, new, 2, 1))]
        hits.append(hit_share(served, run_load(served.address, same, 2, 1)))

    assert hits[0] == 0
    assert hits[1] > 0.9


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


class HangsUp(BaseRequestHandler):
    """Read a request and close the connection without a word."""

    def handle(self) -> None:
        self.request.recv(65536)


@pytest.mark.skipif(not has_wrk(), reason="wrk is not installed")
def test_a_server_that_hangs_up_fails_requests(tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.write_bytes(b"picture")
    script = cycle_script(tmp_path / "single.lua", [small])

    with TCPServer(("127.0.0.1", 0), HangsUp) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            load = run_load(f"http://127.0.0.1:{server.server_address[1]}", script, 2, 1)
        finally:
            server.shutdown()
            thread.join()

    assert (load.requests, load.valid) == (0, False)
    assert load.failed > 0
