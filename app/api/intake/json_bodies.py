"""Read a picture and its options from a JSON body (RFC 8259)."""

from __future__ import annotations

import codecs
import re
from binascii import a2b_base64
from typing import Final

import msgspec
from msgspec import UNSET, UnsetType
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge

from app.api.intake.missing import MissingImage
from logo_classifier import BadParameter

JSON = "application/json"

_ADDRESS = re.compile(r"\s*(?!data:)[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_DATA_URL = re.compile(r"\s*data:[^,]{0,1000};\s*base64\s*,", re.IGNORECASE)
_ANY_DATA_URL = re.compile(r"\s*data:", re.IGNORECASE)
_WHITE_SPACE: Final = b" \t\r\n\f\v"
_URL_SAFE = bytes.maketrans(b"-_", b"+/")
_MOST_OF_A_MESSAGE = 200
"""In characters. Messages repeat what the client sent, so their length is limited."""


class Body(msgspec.Struct, forbid_unknown_fields=True):
    """The members of a JSON body; nothing of another type or depth is built in memory."""

    image: str | UnsetType = UNSET
    method: str | UnsetType = UNSET
    time_budget: float | UnsetType = UNSET
    include_features: bool | UnsetType = UNSET
    include_explanation: bool | UnsetType = UNSET
    include_tracing: bool | UnsetType = UNSET


def body_limit(max_picture_bytes: int) -> int:
    """Return the bytes that the base64 text of a picture may take, with its line breaks."""
    return max_picture_bytes * 3 // 2


def parse_body(data: bytes) -> Body:
    """Return the members of a body.

    Raises BadParameter for an unknown member or a value of another type, and BadRequest for
    anything that is no JSON.
    """
    try:
        return msgspec.json.decode(data.removeprefix(codecs.BOM_UTF8), type=Body)
    except msgspec.ValidationError as error:
        said = str(error)[:_MOST_OF_A_MESSAGE]
        known = ", ".join(Body.__struct_fields__)
        raise BadParameter(f"the JSON body does not fit: {said}; known members: {known}") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        said = str(error)[:_MOST_OF_A_MESSAGE]
        raise BadRequest(f"the body is no JSON: {said}") from error


def decode_picture(text: str | UnsetType, max_bytes: int) -> bytes:
    """Return the bytes of base64 text (RFC 4648, sections 4 and 5) or of a data URL (RFC 2397).

    White space is ignored. Padding may be left out where the URL-safe alphabet is used. Raises
    MissingImage for no picture, RequestEntityTooLarge for more than `max_bytes`, and BadParameter
    for an address or any other text.
    """
    if isinstance(text, UnsetType):
        raise MissingImage("the JSON body has no member `image`")
    if _ADDRESS.match(text):
        raise BadParameter(
            "`image` is an address; this service fetches none, because its callers could make it "
            "reach machines inside its network (SSRF): send the picture in base64"
        )
    head = _DATA_URL.match(text)
    if _ANY_DATA_URL.match(text) and not head:
        raise BadParameter("`image` is a data URL without ;base64, before its data")
    try:
        data = _decode(text[head.end() if head else 0 :])
    except ValueError as error:  # also not ASCII
        raise BadParameter(
            "`image` is no base64 text; send the bytes of the picture in base64, or a data URL"
        ) from error
    if len(data) > max_bytes:
        raise RequestEntityTooLarge(
            f"the picture has {len(data)} bytes; at most {max_bytes} bytes are accepted"
        )
    return data


def _decode(text: str) -> bytes:
    data = text.encode("ascii")
    standard = b"+" in data or b"/" in data
    url_safe = b"-" in data or b"_" in data
    if standard and url_safe:
        raise ValueError("two alphabets are mixed")
    data = data.translate(_URL_SAFE, _WHITE_SPACE)
    if not standard and not data.endswith(b"="):
        data += b"=" * (-len(data) % 4)
    if len(data) % 4 or data.endswith(b"==="):
        raise ValueError("the padding is wrong")
    return a2b_base64(data, strict_mode=True)
