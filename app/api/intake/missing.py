"""The refusal of a request without a picture."""

from __future__ import annotations

from werkzeug.exceptions import BadRequest


class MissingImage(BadRequest):
    """A request without a picture."""

    kind = "missing_image"
