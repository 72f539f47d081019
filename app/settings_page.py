"""Generate the page of all settings from `Settings`, so that it is always up to date."""

from __future__ import annotations

import ast
import inspect
import re
from dataclasses import fields
from itertools import pairwise
from pathlib import Path

from app.config import Settings, variable

PAGE = Path(__file__).parents[1] / "docs" / "settings.md"

_HEAD = """# Settings

Every setting is an environment variable, or a line of the file that `LOGO_SETTINGS_FILE` names,
which wins. The service reads variables once, at its start, and the file again at a reload.
It refuses a wrong value and an unknown `LOGO_` variable, and names what is allowed.
`python -m app settings` writes this page.

| variable | default | allowed | meaning |
|---|---|---|---|
"""

_COMPUTED = {"workers": "usable processors, at most 4"}
"""Defaults that depend on the machine, in words."""


def render() -> str:
    """Return the page as Markdown."""
    meanings = _meanings()
    rows = []
    for option in fields(Settings):
        rule = option.metadata["rule"]
        default = _COMPUTED.get(option.name) or _shown(option.default)
        cells = (f"`{variable(option.name)}`", default, rule.allowed, meanings[option.name])
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n")
    return _HEAD + "".join(rows)


def _shown(default: object) -> str:
    if default is None or default in ((), ""):
        return "unset"
    if isinstance(default, tuple):
        return f"`{','.join(default)}`"
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def _meanings() -> dict[str, str]:
    """Return the string below each field of `Settings` with normalised white space."""
    (body,) = (node.body for node in ast.parse(inspect.getsource(Settings)).body)  # type: ignore[attr-defined]
    meanings = {}
    for field, below in pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(below, ast.Expr):
            text = ast.literal_eval(below.value)
            meanings[ast.unparse(field.target)] = " ".join(text.split())
    return {name: _with_variables(text) for name, text in meanings.items()}


def _with_variables(text: str) -> str:
    """Replace the names of other settings by their environment variables."""
    names = "|".join(option.name for option in fields(Settings))
    return re.sub(f"`({names})`", lambda found: f"`{variable(found[1])}`", text)
