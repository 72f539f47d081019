"""The tree keeps the shape that ARCHITECTURE.md promises."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = sorted(
    path
    for top in ("app", "benchmarks", "logo_classifier", "training")
    for path in (ROOT / top).rglob("*.py")
)
WRITTEN = sorted(
    str(path.relative_to(ROOT))
    for top in ("app", "benchmarks", "docs", "logo_classifier", "tests", "training", ".ci")
    for path in (ROOT / top).rglob("*")
    if path.suffix in {".py", ".md", ".yaml", ".html", ".css", ".js"}
) + sorted(path.name for path in ROOT.glob("*.*") if path.suffix in {".py", ".md", ".toml"})
NAMES = [str(path.relative_to(ROOT)) for path in SOURCES]

LONGEST_FILE = 300
LONGEST_FUNCTION = 40
MOST_MODULES = 16
DRAWERS = {"util", "utils", "helper", "helpers", "manager", "common", "misc", "core", "base"}
BOASTS = {"enhanced", "optimized", "smart", "advanced", "new", "old", "final", "backup", "v2"}

each_source = pytest.mark.parametrize("path", SOURCES, ids=NAMES)


def run_python(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_imports_keep_the_contracts() -> None:
    lint = "from importlinter.cli import lint_imports_command; lint_imports_command()"

    done = run_python("-c", lint, "--no-cache", "--config", ".ci/contracts.toml")

    assert done.returncode == 0, done.stdout + done.stderr
    assert " 0 broken" in done.stdout


def test_every_package_has_a_contract_that_places_all_its_modules() -> None:
    settings = tomllib.loads((ROOT / ".ci" / "contracts.toml").read_text("utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    placed = {
        container
        for contract in contracts
        if contract["type"] == "layers" and contract.get("exhaustive")
        for container in contract["containers"]
    }
    packages = {
        ".".join(path.parent.relative_to(ROOT).parts)
        for path in SOURCES
        if path.name == "__init__.py"
    }

    assert packages - placed == set()


@pytest.mark.parametrize(
    "package",
    ["flask", "werkzeug", "gunicorn", "prometheus_client", "redis", "pymemcache", "torch", "app"],
)
def test_importing_the_library_leaves_out(package: str) -> None:
    question = f"import sys, logo_classifier; print({package!r} in sys.modules)"

    assert run_python("-c", question).stdout == "False\n"


def test_importing_the_service_leaves_torch_out() -> None:
    question = "import sys, app.api; print('flask' in sys.modules, 'torch' in sys.modules)"

    assert run_python("-c", question).stdout == "True False\n"


def test_importing_the_library_starts_nothing() -> None:
    question = (
        "import logging, threading, logo_classifier;"
        "print(threading.active_count(), logging.getLogger().handlers)"
    )

    assert run_python("-c", question).stdout == "1 []\n"


def test_the_checks_below_see_the_sources() -> None:
    assert {"logo_classifier/hybrid.py", "app/config.py", "training/rules.py"} <= set(NAMES)


@pytest.mark.parametrize("name", WRITTEN)
def test_a_file_is_short(name: str) -> None:
    assert len((ROOT / name).read_text("utf-8").splitlines()) <= LONGEST_FILE


@pytest.mark.parametrize("folder", ["app", "logo_classifier", "training"])
def test_no_room_is_crowded(folder: str) -> None:
    rooms = Counter(path.parent for path in SOURCES if path.is_relative_to(ROOT / folder))

    assert [room for room, modules in rooms.items() if modules > MOST_MODULES] == []


@each_source
def test_its_functions_are_short(path: Path) -> None:
    functions = [
        node
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    ]
    long = [f.name for f in functions if (f.end_lineno or 0) - f.lineno + 1 > LONGEST_FUNCTION]

    assert long == []


@each_source
def test_its_name_says_what_it_is_about(path: Path) -> None:
    words = set((path.parent.name if path.stem == "__init__" else path.stem).split("_"))

    assert words.isdisjoint(DRAWERS | BOASTS)


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("logo_classifier/")])
def test_the_library_reads_no_environment_and_sets_up_no_logging(name: str) -> None:
    nodes = list(ast.walk(ast.parse((ROOT / name).read_text("utf-8"))))
    # Setting a variable for what is imported next is not reading one.
    written = [
        node.value
        for node in nodes
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store)
    ]
    used = {n.attr for n in nodes if isinstance(n, ast.Attribute) and n not in written}

    assert used.isdisjoint({"environ", "getenv", "basicConfig", "dictConfig", "addHandler"})


def test_the_root_holds_few_entries() -> None:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("not a checkout of the repository")

    assert len({line.partition("/")[0] for line in listed.stdout.splitlines()}) <= 27
