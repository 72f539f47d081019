"""Draw the pictures of docs/explanations.md from the golden pictures.

    python -m training.evaluation.explained

One sheet has what is counted in a picture and the maps of the network; the other has, for each
feature, the picture with the lowest and the one with the highest value. Prints the table of
features that the page holds.
"""

from __future__ import annotations

from base64 import b64decode
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from logo_classifier import HybridClassifier
from logo_classifier.explanations.meanings import MEANINGS
from logo_classifier.pictures.image import load_image
from logo_classifier.rules.features import extract_features

ROOT = Path(__file__).parents[2]
GOLDEN = sorted((ROOT / "models" / "golden").glob("*.png"))
FOLDER = ROOT / "docs" / "images"
SHOWN = ("zendesk", "nodejs-icon-alt", "visual-studio", "faker", "snyk", "homebrew")

_INK, _GREY = (30, 30, 30), (110, 110, 110)
_QUALITY = 60
_CELL_PX = 170
_THUMB_PX, _FEATURE_PX, _COLUMNS = 64, (176, 104), 6


def main() -> None:
    """Write both sheets and print the table."""
    for name, sheet in (("explanations", draw_explanations()), ("features", draw_features())):
        sheet.save(FOLDER / f"{name}.webp", quality=_QUALITY, method=6)
    print("\n".join(feature_table()))


def feature_table() -> list[str]:
    """Return the table of all features in Markdown, in the order of the sheet."""
    rows = [f"| `{name}` | {MEANINGS[name]} |" for name in sorted(MEANINGS)]
    return ["| feature | what it measures |", "|---|---|", *rows]


def draw_explanations() -> Image.Image:
    """Return a sheet: a row has a picture, what was counted in it, and the network's maps."""
    classifier = HybridClassifier(enable_caching=False)
    titles = ("the picture", "what was counted", "type", "lettering", "gradient", "complex")
    size = (_CELL_PX * len(titles), 24 + (_CELL_PX + 14) * len(SHOWN))
    sheet = Image.new("RGB", size, "white")
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(13)
    for column, title in enumerate(titles):
        pen.text((column * _CELL_PX + 4, 4), title, _INK, font)
    for row, name in enumerate(SHOWN):
        path = ROOT / "models" / "golden" / f"{name}.png"
        told = classifier.classify(path, method="neural_network", include_explanation=True)
        maps = told["explanation"]["network"]["maps"]
        cells = [told["explanation"]["overlay"], *maps]
        top = 24 + row * (_CELL_PX + 14)
        _paste(sheet, _flat(path), 0, top)
        for column, cell in enumerate(cells, start=1):
            _paste(sheet, _read(cell), column * _CELL_PX, top)
        pen.text((2 * _CELL_PX + 4, top + _CELL_PX - 8), maps[0]["title"], _GREY, font)
    return sheet


def draw_features() -> Image.Image:
    """Return a sheet: a cell has the lowest and the highest value of a feature, with pictures."""
    measured = {path: extract_features(load_image(path)).values for path in GOLDEN}
    names = sorted(MEANINGS)
    width, height = _FEATURE_PX
    rows = -(-len(names) // _COLUMNS)
    sheet = Image.new("RGB", (width * _COLUMNS, height * rows), "white")
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(11)
    for place, name in enumerate(names):
        left, top = place % _COLUMNS * width, place // _COLUMNS * height
        pen.text((left + 4, top + 4), name, _INK, font)
        ranked = sorted(GOLDEN, key=lambda path: measured[path][name])
        for side, path in enumerate((ranked[0], ranked[-1])):
            thumb = _flat(path)
            thumb.thumbnail((_THUMB_PX, _THUMB_PX))
            at = left + 6 + side * (width // 2)
            sheet.paste(thumb, (at, top + 20))
            pen.text((at, top + 86), f"{measured[path][name]:.2f}", _GREY, font)
    return sheet


def _flat(path: Path) -> Image.Image:
    """Return a picture on white, or on grey if it is light itself."""
    drawn = Image.open(path).convert("RGBA")
    backdrop = load_image(path).backdrop
    flat = Image.new("RGB", drawn.size, backdrop)
    flat.paste(drawn, mask=drawn.getchannel("A"))
    return flat


def _read(cell: dict[str, Any]) -> Image.Image:
    return Image.open(BytesIO(b64decode(cell["image"].split(",")[1]))).convert("RGB")


def _paste(sheet: Image.Image, picture: Image.Image, left: int, top: int) -> None:
    """Paste a picture into its cell, enlarged in whole pixels or shrunk."""
    room = _CELL_PX - 10
    scale = room / max(picture.size)
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    method = Image.Resampling.NEAREST if scale >= 1 else Image.Resampling.BOX
    sheet.paste(picture.resize(size, method), (left + 4, top))


if __name__ == "__main__":
    main()
