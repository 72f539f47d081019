"""The examples of `/docs` run as the page gives them."""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import ROOT, Server, ServerMaker

KEY = "first-key-0123456789"
NODE = shutil.which("node")

SEND = """
const {readFile} = require("node:fs/promises");
readFile("logo.png").then((data) => classify(new Blob([data]))).then(
  (answer) => console.log(answer.logo_type), (error) => console.log(error.message));
"""


def quick(server: Server, language: str) -> str:
    """Return an example of the page, as a reader copies it."""
    page = server.get("/docs").text
    (code,) = re.findall(rf'<code id="quick-{language}">(.*?)</code>', page, re.S)
    return html.unescape(code)


def run(folder: Path, *command: str) -> str:
    environ = os.environ | {"API_KEY": KEY}
    done = subprocess.run(
        command, cwd=folder, env=environ, capture_output=True, text=True, check=True
    )
    return done.stdout


def try_all(server: Server, folder: Path) -> None:
    """Send a logo by each example, then what is none."""
    if NODE is None or shutil.which("curl") is None:
        pytest.skip("no Node or no curl is installed")
    logo = folder / "logo.png"
    shutil.copy(ROOT / "models" / "golden" / "moon.png", logo)
    by_curl = ["bash", "-c", quick(server, "curl").replace("curl", "curl -s", 1)]
    by_python = [sys.executable, "-c", quick(server, "python")]
    by_script = [NODE, "--eval", quick(server, "js") + SEND]

    assert json.loads(run(folder, *by_curl))["logo_type"] == "gradient"
    assert re.fullmatch(r"gradient 0\.9\d+ \['gradient'\]\n", run(folder, *by_python))
    assert run(folder, *by_script) == "gradient\n"

    logo.write_text("no picture")
    assert json.loads(run(folder, *by_curl))["error"] == "unsupported_format"
    assert run(folder, *by_python).startswith("unsupported_format the data is not")
    assert run(folder, *by_script).startswith("unsupported_format: the data is not")


def test_the_quick_start_runs_in_three_languages(server: Server, tmp_path: Path) -> None:
    try_all(server, tmp_path)


def test_the_quick_start_sends_a_key_where_one_is_asked_for(
    serve: ServerMaker, tmp_path: Path
) -> None:
    with serve(api_keys=KEY) as server:
        assert KEY not in server.get("/docs").text
        try_all(server, tmp_path)
