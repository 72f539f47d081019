"""The face of the library is all that others use of it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import logo_classifier

ROOT = Path(__file__).parents[2]
SERVICE = [*sorted((ROOT / "app").rglob("*.py")), ROOT / "wsgi.py", ROOT / "gunicorn.conf.py"]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def imported(code: str) -> Iterator[tuple[str, str]]:
    """Yield each module and name that code takes from the library."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("logo_classifier"):
            for alias in node.names:
                yield str(node.module), alias.name
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.startswith("logo_classifier"):
                    yield alias.name, ""


def python_blocks(page: Path) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```$", page.read_text("utf-8"), re.M | re.S)


def test_every_name_of_the_face_is_there_and_listed() -> None:
    public = {
        name
        for name, value in vars(logo_classifier).items()
        if not name.startswith("_") and not isinstance(value, type(ast))
    }

    assert public == set(logo_classifier.__all__)
    assert logo_classifier.__all__ == sorted(logo_classifier.__all__)


@pytest.mark.parametrize("name", logo_classifier.__all__)
def test_what_stands_in_the_face_says_what_it_is(name: str) -> None:
    value = getattr(logo_classifier, name)

    if isinstance(value, type):
        # A dataclass without a docstring of its own gets its signature as one.
        assert value.__doc__
        assert not value.__doc__.startswith(f"{name}(")


@pytest.mark.parametrize("path", SERVICE, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_service_takes_names_of_the_face_alone(path: Path) -> None:
    taken = set(imported(path.read_text("utf-8")))

    assert {module for module, _ in taken} <= {"logo_classifier"}
    assert {name for _, name in taken} <= set(logo_classifier.__all__)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_pages_show_names_of_the_face_alone(page: Path) -> None:
    taken = {part for block in python_blocks(page) for part in imported(block)}

    assert {module for module, _ in taken} <= {"logo_classifier"}
    assert {name for _, name in taken} <= set(logo_classifier.__all__)
