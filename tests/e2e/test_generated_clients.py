"""Clients that are generated from the contract type-check, and get answers from a running server.

The generators are installed once, into `.cache/generated-clients`; without a registry the tests are
skipped.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import ROOT, Server

TOOLS = ROOT / ".cache" / "generated-clients"
USES = Path(__file__).parent / "clients"
PICTURE = ROOT / "models" / "golden" / "moon.png"
PYTHON_TOOLS = ["openapi-python-client==0.29.1"]
NODE_TOOLS = ["openapi-typescript@7.13.0", "openapi-fetch@0.17.0", "typescript@5.9.3"]
NODE_TOOLS += ["@types/node@20.19.43"]
INSTALL_SECONDS, RUN_SECONDS = 240, 120

KNOWN_GAP = "Unsupported content type image/*"
"""The only part of the contract that the Python generator leaves out: it knows octet-stream."""


def run(*command: str | Path, cwd: Path, **environ: str) -> str:
    """Run a program; return its output, and fail the test with it if the program fails."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**os.environ, **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=RUN_SECONDS,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def install(folder: Path, *commands: list[str]) -> Path:
    """Run commands in a folder unless they have run there before; skip the test if one fails."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Another process of the same run may need them at this moment.
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return _install(folder, *commands)


def _install(folder: Path, *commands: list[str]) -> Path:
    marker = folder / "installed"
    wanted = repr(commands)
    if marker.is_file() and marker.read_text("utf-8") == wanted:
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for command in commands:
        try:
            subprocess.run(
                command, cwd=folder, check=True, capture_output=True, timeout=INSTALL_SECONDS
            )
        except (OSError, subprocess.SubprocessError) as error:
            pytest.skip(f"a generator cannot be installed: {error}")
    marker.write_text(wanted, "utf-8")
    return folder


@pytest.fixture
def contract(server: Server, tmp_path: Path) -> Path:
    """Return the contract of the running server as a file."""
    file = tmp_path / "openapi.json"
    file.write_bytes(server.get("/openapi.json").content)
    return file


def test_a_generated_python_client_type_checks_and_gets_answers(
    server: Server, contract: Path, tmp_path: Path
) -> None:
    create = [sys.executable, "-m", "venv", "."]
    tools = install(TOOLS / "python", create, ["bin/pip", "install", "--quiet", *PYTHON_TOOLS])
    (tmp_path / "use.py").write_text((USES / "use_py.txt").read_text("utf-8"), "utf-8")
    path = f"{tools / 'bin'}{os.pathsep}{os.environ['PATH']}"  # the generator looks for ruff there
    options = ["--meta", "none", "--output-path", "logo_client", "--path", contract]

    said = run(
        tools / "bin" / "openapi-python-client", "generate", *options, cwd=tmp_path, PATH=path
    )
    checked = ["--strict", "--follow-imports=silent", "--python-executable", tools / "bin/python"]
    run(sys.executable, "-m", "mypy", *checked, "use.py", cwd=tmp_path)
    answers = run(tools / "bin" / "python", "use.py", server.url, PICTURE, cwd=tmp_path)

    assert said.count("WARNING") == said.count(KNOWN_GAP)
    assert [line.split()[0] for line in answers.splitlines()] == ["gradient"] * 3


def test_a_generated_typescript_client_type_checks_and_gets_answers(
    server: Server, contract: Path, tmp_path: Path
) -> None:
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed")
    quiet = ["--no-audit", "--no-fund", "--silent"]
    tools = install(TOOLS / "node", ["npm", "install", *quiet, "--prefix", ".", *NODE_TOOLS])
    programs = tools / "node_modules" / ".bin"
    (tmp_path / "use.ts").write_text((USES / "use_ts.txt").read_text("utf-8"), "utf-8")
    (tmp_path / "package.json").write_text('{"type": "module"}', "utf-8")
    (tmp_path / "node_modules").symlink_to(tools / "node_modules")

    run(programs / "openapi-typescript", contract, "-o", "schema.ts", cwd=tmp_path)
    checked = ["--strict", "--module", "nodenext", "--target", "es2022", "--types", "node"]
    run(programs / "tsc", *checked, "use.ts", cwd=tmp_path)
    answers = run("node", "use.js", server.url, PICTURE, cwd=tmp_path)

    assert [line for line in answers.splitlines() if "gradient" in line][:2]
    assert len(answers.splitlines()) == 4
