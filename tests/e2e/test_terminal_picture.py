"""The picture of the command line shows what the command shows today."""

from __future__ import annotations

import html
import re
from pathlib import Path

from .terminal_picture import PICTURE, draw

_TEXT = re.compile(r"<text[^>]*>(.*?)</text>")


def words(picture: str) -> list[str]:
    """Return the names and types that a picture shows; confidences differ by processor."""
    shown = " ".join(html.unescape(text) for text in _TEXT.findall(picture))
    return re.findall(r"[a-z][\w./-]+", shown)


def test_it_shows_what_the_command_shows(golden: dict[Path, str]) -> None:
    shown = words(PICTURE.read_text("utf-8"))

    assert shown == words(draw())
    assert {path.name for path in golden} <= {word.rpartition("/")[2] for word in shown}


def test_it_is_small_and_asks_no_other_host() -> None:
    picture = PICTURE.read_text("utf-8")

    assert PICTURE.stat().st_size < 60_000
    assert "url(http" not in picture
    assert "src:" not in picture
