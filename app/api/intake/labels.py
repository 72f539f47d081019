"""Read a label from a JSON body."""

from __future__ import annotations

import msgspec
from flask import Request
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, UnsupportedMediaType

from app.api.intake.json_bodies import JSON
from app.api.intake.uploads import guard_transfer
from logo_classifier import BadParameter, LogoType

MOST_BYTES = 4096
"""Bytes that the body of a label may have."""

_MOST_OF_A_MESSAGE = 200
"""In characters. Messages repeat what the client sent, so their length is limited."""


class Label(msgspec.Struct, forbid_unknown_fields=True):
    """The members of the body."""

    request_id: str
    true_label: LogoType


def read_label(request: Request) -> Label:
    """Return the label of a request.

    Raises BadParameter for a query, an unknown or missing member or a wrong value, and BadRequest,
    RequestEntityTooLarge or UnsupportedMediaType for a body that is no small JSON.
    """
    if request.args:
        raise BadParameter("/feedback has no parameters; send request_id and true_label as JSON")
    if request.mimetype != JSON:
        raise UnsupportedMediaType(f"send request_id and true_label as {JSON}")
    request.max_content_length = MOST_BYTES + 1  # Werkzeug cuts chunks off there without a word
    if not request.content_length and "Transfer-Encoding" not in request.headers:
        raise BadRequest("the request has no body; send request_id and true_label as JSON")
    if (request.content_length or 0) > MOST_BYTES:
        raise RequestEntityTooLarge(f"a label has at most {MOST_BYTES} bytes of JSON")
    guard_transfer(request)
    data = request.get_data(cache=False)
    if len(data) > MOST_BYTES:
        raise RequestEntityTooLarge(f"a label has at most {MOST_BYTES} bytes of JSON")
    return _parse(data)


def _parse(data: bytes) -> Label:
    try:
        return msgspec.json.decode(data, type=Label)
    except msgspec.ValidationError as error:
        said = str(error)[:_MOST_OF_A_MESSAGE]
        known = ", ".join(kind.value for kind in LogoType)
        raise BadParameter(
            f"the JSON body does not fit: {said}; it has request_id and true_label, one of {known}"
        ) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        said = str(error)[:_MOST_OF_A_MESSAGE]
        raise BadRequest(f"the body is no JSON: {said}") from error
