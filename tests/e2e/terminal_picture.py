"""Take the picture of the command line that docs/images has.

python -m tests.e2e.terminal_picture
"""

from __future__ import annotations

import re
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.text import Text

from tests.terminals import at_a_terminal

ROOT = Path(__file__).parents[2]
PICTURE = ROOT / "docs" / "images" / "terminal.svg"
COMMAND = ("classify", "models/golden", "-r")
WIDTH = 100

_ERASE_LINE = "\x1b[2K"
_BAR = "━"
_FONT = re.compile(r"\s*@font-face \{.*?\}", re.S)
"""Rich's fonts come from another host; the reader's own fixed-width font serves as well."""


def draw() -> str:
    """Return what the command leaves on a terminal as SVG: its rows without the bar of progress."""
    status, shown = at_a_terminal(*COMMAND, COLUMNS=str(WIDTH))
    if status:
        raise RuntimeError(shown)
    left = [line.rpartition(_ERASE_LINE)[2].rstrip() for line in shown.splitlines()]
    console = Console(record=True, width=WIDTH, file=StringIO())
    console.print(f"$ logo-classifier {' '.join(COMMAND)}", highlight=False)
    for line in left:
        text = Text.from_ansi(line)
        text.rstrip()
        if text and _BAR not in text.plain:
            console.print(text)
    return _FONT.sub("", console.export_svg(title="logo-classifier"))


if __name__ == "__main__":
    PICTURE.write_text(draw(), "utf-8")
