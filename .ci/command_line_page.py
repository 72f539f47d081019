"""Write the help of all commands into docs/command-line.md, below its mark.

.venv/bin/python .ci/command_line_page.py
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "command-line.md"

_WIDTH = 100
_NAME = "logo-classifier"

_MARK = "<!-- Below: the help of each command, by .ci/command_line_page.py -->\n"


def render() -> str:
    """Return the page as Markdown: what is above the mark, and the help of today."""
    sys.path.insert(0, str(ROOT))
    from logo_classifier.cli.program import program  # noqa: PLC0415 - the checkout's own

    above, mark, _ = PAGE.read_text("utf-8").partition(_MARK)
    if not mark:
        raise ValueError(f"{PAGE} has no line {_MARK!r}")
    return above + mark + "".join(_sections(program, click.Context(program, info_name=_NAME)))


def _sections(command: click.Command, context: click.Context) -> Iterator[str]:
    context.terminal_width = context.max_content_width = _WIDTH
    yield f"\n## `{context.command_path}`\n```text\n{command.get_help(context).rstrip()}\n```\n"
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            if below:
                yield from _sections(below, click.Context(below, context, info_name=name))


if __name__ == "__main__":
    PAGE.write_text(render(), "utf-8")
