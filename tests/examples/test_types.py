"""The types for TypeScript are those of the contract, and the compiler takes them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.e2e.conftest import ROOT, Server
from tests.e2e.test_generated_clients import NODE_TOOLS, TOOLS, install, run

TYPES = ROOT / "examples" / "logo_types.ts"

USE = """
import type { components } from "./logo_types.js";
type Answer = components["schemas"]["Answer"];
export const others = (answer: Answer): string[] =>
  answer.prediction_set.filter((kind) => kind !== answer.logo_type);
// @ts-expect-error: a drawing is none of the types
export const wrong: Answer["logo_type"] = "drawing";
"""


@pytest.fixture
def programs() -> Path:
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed")
    quiet = ["--no-audit", "--no-fund", "--silent"]
    tools = install(TOOLS / "node", ["npm", "install", *quiet, "--prefix", ".", *NODE_TOOLS])
    return tools / "node_modules" / ".bin"


def test_the_types_are_those_of_the_contract(
    service: Server, programs: Path, tmp_path: Path
) -> None:
    contract, made = tmp_path / "openapi.json", tmp_path / "logo_types.ts"
    contract.write_bytes(service.get("/openapi.json").content)

    run(programs / "openapi-typescript", contract, "-o", made, cwd=tmp_path)

    assert made.read_text("utf-8") == TYPES.read_text("utf-8"), "examples/README.md renews it"


def test_the_compiler_takes_the_types(programs: Path, tmp_path: Path) -> None:
    shutil.copy(TYPES, tmp_path)
    (tmp_path / "use.ts").write_text(USE, "utf-8")

    run(programs / "tsc", "--strict", "--noEmit", "--module", "nodenext", "use.ts", cwd=tmp_path)
