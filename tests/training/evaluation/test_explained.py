"""The sheets and the table of docs/explanations.md."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageChops, ImageStat

from training.evaluation.explained import FOLDER, SHOWN, draw_explanations, draw_features
from training.evaluation.explained import feature_table as table

ROOT = Path(__file__).parents[3]
MOST_BYTES = 300_000
MOST_DIFFERENCE = 12
"""Mean over the levels (0-255) that a compressed sheet may be off."""


def test_the_page_holds_the_table_of_all_features() -> None:
    page = (ROOT / "docs" / "explanations.md").read_text("utf-8")

    assert "\n".join(table()) in page


def difference(name: str, drawn: Image.Image) -> float:
    kept = Image.open(FOLDER / name).convert("RGB")
    assert kept.size == drawn.size
    return max(ImageStat.Stat(ImageChops.difference(kept, drawn)).mean)


def test_the_sheets_are_those_that_the_code_draws() -> None:
    assert difference("explanations.webp", draw_explanations()) < MOST_DIFFERENCE
    assert difference("features.webp", draw_features()) < MOST_DIFFERENCE


def test_a_sheet_is_small_enough_for_a_page() -> None:
    sizes = [(FOLDER / name).stat().st_size for name in ("explanations.webp", "features.webp")]

    assert sum(sizes) < MOST_BYTES
    assert len(SHOWN) == 6
