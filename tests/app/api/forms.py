"""Uploads as real clients send them, and one that must not be read."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import httpx
from flask.testing import FlaskClient

KEY, OTHER = "first-key-0123456789", "second-key-0123456789"


def post(client: FlaskClient, picture: bytes, path: str = "/classify", **headers: str) -> Any:
    """Send a picture as the whole body."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post(path, data=picture, content_type="image/png", headers=named)


def form(*files: bytes, field: str = "image", **parameters: str) -> dict[str, Any]:
    """Return the body and its type for a test client: pictures in one field, and parameters.

    Werkzeug's own forms leave out a line break.
    """
    named = [(field, (f"logo{number}.png", file)) for number, file in enumerate(files)]
    request = httpx.Request("POST", "http://test", files=named, data=parameters)
    return {"data": request.read(), "content_type": request.headers["Content-Type"]}


def chunked(data: bytes) -> dict[str, Any]:
    return {
        "headers": {"Transfer-Encoding": "chunked"},
        "environ_overrides": {"wsgi.input_terminated": True, "wsgi.input": BytesIO(data)},
        "content_type": "image/png",
    }


class UnreadableStream(BytesIO):
    """Fail the test if a body that should be refused unread is read."""

    def read(self, *_: Any) -> bytes:
        raise AssertionError("the body was read")
