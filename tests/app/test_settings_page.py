"""The page of settings is what the settings are."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from app.config import Settings, variable
from app.settings_page import PAGE, render

ROOT = Path(__file__).parents[2]


def test_the_committed_page_is_what_the_code_writes() -> None:
    assert (ROOT / PAGE).read_text("utf-8") == render(), "run: python -m app settings"


@pytest.mark.parametrize("name", [option.name for option in fields(Settings)])
def test_each_setting_has_a_row_that_says_what_it_means(name: str) -> None:
    (row,) = [line for line in render().splitlines() if line.startswith(f"| `{variable(name)}` |")]

    _, _, default, allowed, meaning, _ = row.split(" | ".strip())
    assert all(cell.strip() for cell in (default, allowed))
    assert len(meaning.split()) > 3


def test_the_page_names_other_settings_as_variables() -> None:
    names = {option.name for option in fields(Settings)}

    assert [name for name in names if f"`{name}`" in render()] == []
