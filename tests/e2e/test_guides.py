"""The examples of the guides run as they stand, and print what the guides say."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from .conftest import ROOT, Server, ServerMaker

GUIDES = ("types", "tutorial", "batch", "tuning", "routing")
ADDRESS = "http://127.0.0.1:8000"
COMMANDS = {"python": [sys.executable, "-c"], "sh": ["bash", "-euo", "pipefail", "-c"]}
NODE = shutil.which("node")

_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```\n(?:```text\n(.*?)^```$)?", re.M | re.S)

SEND = """
import {readFile} from "node:fs/promises";
const moon = new Blob([await readFile("models/golden/moon.png")]);
"""
CHOOSE = """
console.log(JSON.stringify(choose(await classify(moon))));
console.log(JSON.stringify(choose({prediction_set: ["gradient", "text"]})));
await classify(new Blob(["no picture"])).catch((error) => console.log(error.kind, error.message));
"""
THRICE = """
for (let i = 0; i < 3; i += 1) console.log((await classify(moon)).logo_type);
"""


@dataclass(frozen=True)
class Example:
    """Hold one block of a guide, and what it prints by the guide."""

    guide: str
    language: str
    code: str
    printed: str


def examples(guide: str) -> list[Example]:
    text = (ROOT / "docs" / f"{guide}.md").read_text("utf-8")
    return [Example(guide, *groups) for groups in _BLOCK.findall(text)]


RUN = [
    example
    for guide in GUIDES
    for example in examples(guide)
    if example.language in COMMANDS and not re.search("^make | make ", example.code, re.M)
]


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """Return a folder in which everything of the repository is found but its results."""
    for entry in ROOT.iterdir():
        if entry.name != "runs":
            (tmp_path / entry.name).symlink_to(entry)
    return tmp_path


def run(desk: Path, server: Server, command: list[str], code: str) -> str:
    environ = os.environ | {"PYTHONPATH": str(ROOT)}
    code = code.replace(ADDRESS, server.url)
    done = subprocess.run(
        [*command, code], cwd=desk, env=environ, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.mark.parametrize("example", RUN, ids=lambda example: f"{example.guide}-{example.language}")
def test_an_example_of_a_guide_prints_what_the_guide_says(
    example: Example, desk: Path, server: Server
) -> None:
    assert run(desk, server, COMMANDS[example.language], example.code) == example.printed


def run_scripts(desk: Path, server: Server, *more: str) -> list[str]:
    """Run the scripts for a page, and then more, in Node."""
    if NODE is None:
        pytest.skip("no Node is installed")
    scripts = [example.code for example in examples("front-end") if example.language == "js"]
    command = [NODE, "--input-type=module", "--eval"]
    return run(desk, server, command, "".join([*scripts, SEND, *more])).splitlines()


def test_the_scripts_for_a_page_send_choose_and_tell_why_not(desk: Path, server: Server) -> None:
    chosen, in_doubt, refused = run_scripts(desk, server, CHOOSE)

    assert chosen == '{"kind":"gradient","ask":false}'
    assert in_doubt == '{"kind":"gradient","ask":true}'
    assert refused.startswith("unsupported_format the data is not a PNG")


def test_the_scripts_for_a_page_wait_as_the_service_says(desk: Path, serve: ServerMaker) -> None:
    with serve(rate_limit="1/second") as server:
        assert run_scripts(desk, server, THRICE) == ["gradient"] * 3
