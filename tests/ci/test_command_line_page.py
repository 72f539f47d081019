"""The page of the command line is the help of today."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

from logo_classifier.cli.classify.rows import COLUMNS

PAGE = Path(__file__).parents[2] / "docs" / "command-line.md"
BATCH_PAGE = PAGE.with_name("batch-jobs.md")
SCRIPT = PAGE.parents[1] / ".ci" / "command_line_page.py"


def test_the_committed_pages_are_what_the_commands_say() -> None:
    script = runpy.run_path(str(SCRIPT))

    assert len(script["PAGES"]) == 2
    for page in script["PAGES"]:
        written = script["render"](page)
        assert page.read_text("utf-8") == written, "run: .venv/bin/python .ci/command_line_page.py"


def test_the_commands_about_batch_jobs_have_a_page_of_their_own() -> None:
    sections = re.findall(r"^## `logo-classifier (batch.*)`$", BATCH_PAGE.read_text("utf-8"), re.M)

    assert sections == ["batch", "batch run", "batch status", "batch report"]


def test_each_command_has_a_section() -> None:
    sections = re.findall(r"^## `logo-classifier ?(.*)`$", PAGE.read_text("utf-8"), re.M)

    assert {"", "classify", "report", "evaluate", "doctor", "models", "models list"} <= {*sections}


def test_the_page_names_the_columns_in_their_order() -> None:
    text = PAGE.read_text("utf-8")
    (paragraph,) = re.findall(r"^## Rows of `classify`\n(.*?`error`)", text, re.M | re.S)
    named = [name for name in re.findall(r"`(\w+)`", paragraph) if name in COLUMNS]

    assert tuple(named) == COLUMNS
