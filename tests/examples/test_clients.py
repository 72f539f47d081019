"""The clients for shells and Python get answers, wait where they must, and say what is refused."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.conftest import Server, count, running

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "models" / "golden"
MOON = GOLDEN / "moon.png"
ADDRESS = "http://127.0.0.1:8000"
KEY = "first-key-0123456789"

CURL = ["sh", "examples/curl.sh"]
REQUESTS = [sys.executable, "examples/python_requests.py"]
HTTPX = [sys.executable, "examples/python_httpx_async.py"]

each_client = pytest.mark.parametrize("client", [CURL, REQUESTS, HTTPX], ids=lambda c: c[1])

_COMMAND = re.compile(r"^\|.*\| `((?:sh|\.venv/bin/python) [^`]+)` \|$", re.M)
COMMANDS = _COMMAND.findall((ROOT / "examples" / "README.md").read_text("utf-8"))


def run(*command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    if command[0] == "sh" and shutil.which("curl") is None:
        pytest.skip("no curl is installed")
    environ = {name: text for name, text in os.environ.items() if name != "API_KEY"}
    return subprocess.run(
        command, cwd=ROOT, env=environ | variables, capture_output=True, text=True, check=False
    )


def test_curl_sends_a_picture_in_each_way(service: Server) -> None:
    done = run(*CURL, service.url, str(MOON))

    answers = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert (done.returncode, done.stderr) == (0, "")
    assert [answer["logo_type"] for answer in answers[:3]] == ["gradient"] * 3
    assert [result["logo_type"] for result in answers[3]["results"]] == ["gradient"] * 2


def test_requests_prints_type_and_confidence(service: Server) -> None:
    done = run(*REQUESTS, service.url, str(MOON))

    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(r"gradient \d+%\n", done.stdout)


def test_httpx_has_a_row_for_each_picture_and_for_what_fails(
    service: Server, golden: dict[Path, str]
) -> None:
    done = run(*HTTPX, service.url, *map(str, golden), "README.md", "gone.png")

    rows = {row[0]: row[1:] for row in csv.reader(done.stdout.splitlines(), delimiter="\t")}
    assert (done.returncode, done.stderr) == (1, "")
    assert {rows[str(path)][0] for path in golden} <= {"simple", "text", "gradient", "complex"}
    assert rows["README.md"][2].startswith("unsupported_format: the data is not")
    assert "gone.png" in rows["gone.png"][2]
    assert len(rows) == len(golden) + 2


def test_httpx_waits_as_the_service_says_until_all_are_answered(
    tmp_path: Path, golden: dict[Path, str]
) -> None:
    pictures = [str(path) for path in list(golden)[:8]]
    with running(tmp_path / "gunicorn.log", rate_limit="2/second") as server:
        done = run(*HTTPX, server.url, *pictures)
        refused = count(server, "logo_requests_total", status="429")

    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == len(pictures)
    assert refused > 0


@each_client
def test_a_client_sends_the_key_of_the_environment(tmp_path: Path, client: list[str]) -> None:
    with running(tmp_path / "gunicorn.log", api_keys=KEY) as server:
        let_in = run(*client, server.url, str(MOON), API_KEY=KEY)
        shut_out = run(*client, server.url, str(MOON))

    assert let_in.returncode == 0, let_in.stdout + let_in.stderr
    assert shut_out.returncode != 0
    assert "unauthorized" in shut_out.stdout + shut_out.stderr


@each_client
def test_a_client_says_in_the_words_of_the_service_why_a_file_is_refused(
    service: Server, client: list[str]
) -> None:
    done = run(*client, service.url, "README.md")

    assert done.returncode != 0
    assert "the data is not a PNG" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


@each_client
def test_a_client_says_that_nobody_answers(client: list[str]) -> None:
    done = run(*client, "http://127.0.0.1:1", str(MOON))

    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert re.search("(?i)connect", done.stdout + done.stderr)


@each_client
def test_a_client_says_what_it_takes(client: list[str]) -> None:
    done = run(*client)

    assert done.returncode in {1, 2}
    assert "usage: " in done.stderr


def test_the_page_has_a_command_for_each_program() -> None:
    programs = [*ROOT.glob("examples/*.py"), *ROOT.glob("examples/*.sh")]

    assert len(COMMANDS) == len(programs) == 4


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_page_runs_as_it_stands(
    service: Server, command: str, tmp_path: Path
) -> None:
    line = command.replace(ADDRESS, service.url).replace(" moon.svg", f" {tmp_path}/moon.svg")

    done = run("sh", "-c", line.replace(".venv/bin/python", sys.executable))

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout
