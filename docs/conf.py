"""Build the documentation as a site: `make docs`.

The source folder is the repository, so that links between pages work here as they do on GitHub.
"""

from __future__ import annotations

import posixpath
import re
import sys
import tomllib
from pathlib import Path

from sphinx.application import Sphinx

_ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(_ROOT))  # the reference is made of the docstrings of the library

project = "Logo classifier"
_PACKAGE = tomllib.loads((_ROOT / "pyproject.toml").read_text("utf-8"))["project"]
version = release = _PACKAGE["version"]
copyright = "the authors of the logo classifier"

root_doc = "docs/README"
include_patterns = [
    "*.md",
    "benchmarks/README.md",
    "data/*.md",
    "docs/**.md",
    "examples/README.md",
    "models/**.md",
    "tests/data/**.md",
]
exclude_patterns = [".*", "data/images", "data/packages", "runs", "**/node_modules"]
extensions = ["myst_parser", "sphinx.ext.autodoc"]

myst_enable_extensions = ["html_image"]
myst_heading_anchors = 4

autodoc_member_order = "groupwise"
autodoc_typehints = "description"
default_role = "code"

html_theme = "furo"
html_title = "Logo classifier"
html_extra_path = ["index.html"]
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False

_LINK = re.compile(r"(?:\]\(|^\[[^\]]+\]: )(?!https?:)([^)\s#]+)\.md\b", re.M)
_INDEXES = (root_doc, "docs/decisions/README", "models/CHANGELOG")


def add_trees(_app: Sphinx, page: str, source: list[str]) -> None:
    """Give an index its trees: for each section of it, the pages that the section links to.

    GitHub shows a toctree as code, and a second list of all pages would fall behind the first.
    """
    if page not in _INDEXES:
        return
    above, *sections = re.split(r"^## (.*)$", source[0], flags=re.M)
    parts = {"": above, **dict(zip(sections[::2], sections[1::2], strict=True))}
    seen = {page, root_doc}
    for caption, text in parts.items():
        links = (posixpath.join("/", posixpath.dirname(page), link) for link in _LINK.findall(text))
        places = [place.lstrip("/") for place in map(posixpath.normpath, links)]
        fresh = [place for place in dict.fromkeys(places) if place not in seen]
        seen.update(fresh)
        if fresh:
            head = f":hidden:\n:caption: {caption}\n" if caption else ":hidden:\n"
            entries = "\n".join(f"/{place}" for place in fresh)
            source[0] += f"\n\n```{{toctree}}\n{head}\n{entries}\n```\n"


def setup(app: Sphinx) -> None:
    """Connect this module to Sphinx."""
    app.connect("source-read", add_trees)
