"""Forms as a real client writes them; Werkzeug's own leave out a line break."""

from __future__ import annotations

from typing import Any

import httpx


def form(*files: bytes, field: str = "image", **parameters: str) -> dict[str, Any]:
    """Return the body and its type for a test client: pictures in one field, and parameters."""
    named = [(field, (f"logo{number}.png", file)) for number, file in enumerate(files)]
    request = httpx.Request("POST", "http://test", files=named, data=parameters)
    return {"data": request.read(), "content_type": request.headers["Content-Type"]}
