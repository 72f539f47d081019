"""Take the examples of the contract from real replies.

    python -m tests.app.api.examples

writes `app/api/contract/examples.yaml`; a test compares that file with what the service says.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from flask.testing import FlaskClient

from app.api import create_app
from app.config import Settings
from tests.app.api.forms import form

ROOT = Path(__file__).parents[3]
FILE = ROOT / "app" / "api" / "contract" / "examples.yaml"
PICTURE = ROOT / "models" / "golden" / "moon.png"
REQUEST_ID = {"X-Request-ID": "6f1c0c1e6e2f4b0aa1d7a3c1f0b9d2e4"}

_HEAD = "# Real replies, written by: python -m tests.app.api.examples\n"
_CHANGING = {
    "processing_time": 0.012,
    "timestamp": "2026-11-30T12:00:00.000+00:00",
    "cached": False,
}
"""Members that differ from reply to reply, with the values that the examples show."""

_PICTURE = "data:image/png;base64,"


def take(client: FlaskClient) -> dict[str, Any]:
    """Return the examples by their names in the contract."""
    picture = PICTURE.read_bytes()
    asked = {
        "moon": ("An answer", "/classify", form(picture)),
        "moon_explained": (
            "An answer with its explanation",
            "/classify",
            form(picture, include_explanation="true"),
        ),
        "batch": (
            "An answer and a problem",
            "/classify/batch",
            form(picture, b"x", field="images"),
        ),
        "missing_image": ("A wrong field name", "/classify", form(picture, field="file")),
    }
    return {
        name: {
            "summary": summary,
            "value": _settle(client.post(path, headers=REQUEST_ID, **body).json),
        }
        for name, (summary, path, body) in asked.items()
    }


def _settle(value: Any) -> Any:
    """Return a reply with fixed values for what changes."""
    if isinstance(value, list):
        return [_settle(item) for item in value]
    if isinstance(value, dict):
        return {name: _CHANGING.get(name, _settle(item)) for name, item in value.items()}
    if isinstance(value, str) and value.startswith(_PICTURE):
        return _PICTURE + "…"
    return value


def main() -> None:
    """Write the examples."""
    examples = take(create_app(Settings()).test_client())
    text = yaml.safe_dump({"examples": examples}, sort_keys=False, allow_unicode=True, width=120)
    FILE.write_text(_HEAD + text, "utf-8")


if __name__ == "__main__":
    main()
