"""Write the help of all commands into docs/command-line.md and docs/batch-jobs.md, below the marks.

.venv/bin/python .ci/command_line_page.py
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "command-line.md"
PAGES = {PAGE: "", ROOT / "docs" / "batch-jobs.md": "batch"}
"""The pages, with the command whose help each has; the first one has all that no other has."""

_WIDTH = 100
_NAME = "logo-classifier"

_MARK = "<!-- Below: the help of each command, by .ci/command_line_page.py -->\n"


def render(page: Path = PAGE) -> str:
    """Return a page as Markdown: what is above the mark, and the help of today."""
    sys.path.insert(0, str(ROOT))
    from logo_classifier.cli.program import program  # noqa: PLC0415 - the checkout's own

    above, mark, _ = page.read_text("utf-8").partition(_MARK)
    if not mark:
        raise ValueError(f"{page} has no line {_MARK!r}")
    context = click.Context(program, info_name=_NAME)
    chosen = program.get_command(context, PAGES[page]) if PAGES[page] else None
    if chosen:
        context = click.Context(chosen, context, info_name=chosen.name)
    return above + mark + "".join(_sections(chosen or program, context))


def _sections(command: click.Command, context: click.Context) -> Iterator[str]:
    context.terminal_width = context.max_content_width = _WIDTH
    yield f"\n## `{context.command_path}`\n```text\n{command.get_help(context).rstrip()}\n```\n"
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            if below and name not in PAGES.values():
                yield from _sections(below, click.Context(below, context, info_name=name))


if __name__ == "__main__":
    for each in PAGES:
        each.write_text(render(each), "utf-8")
