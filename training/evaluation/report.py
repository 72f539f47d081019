"""Write an evaluation as one HTML page with every misclassified picture."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from PIL import Image

from logo_classifier.pictures.image import load_image
from training.evaluation.scores import TYPES, Result
from training.labels.dataset import Example

_THUMBNAIL_PX = 192
_PAGES = Environment(
    loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined
)


def write(
    path: Path, scores: dict[str, Any], examples: Sequence[Example], results: Sequence[Result]
) -> None:
    """Write the page: the scores of every method, then the misclassified pictures of `results`.

    The most confident mistakes come first. Normalised pictures are embedded, so the page is one
    self-contained file.
    """
    wrong = [
        {
            "id": example.id,
            "truth": example.logo_type.value,
            "answer": result["logo_type"],
            "confidence": result["confidence"],
            "method": result["method_used"],
            "picture": _thumbnail(example.path),
        }
        for example, result in zip(examples, results, strict=True)
        if result["logo_type"] != example.logo_type.value
    ]
    wrong.sort(key=lambda row: -row["confidence"])
    page = _PAGES.get_template("report.html").render(scores=scores, wrong=wrong, types=TYPES)
    path.write_text(page, encoding="utf-8")


def _thumbnail(path: Path) -> str:
    """Return the normalised picture as a data URI."""
    picture = Image.fromarray(load_image(path).pixels)
    picture.thumbnail((_THUMBNAIL_PX, _THUMBNAIL_PX))
    file = BytesIO()
    picture.save(file, "PNG")
    return "data:image/png;base64," + b64encode(file.getvalue()).decode()
