"""Validate the headers of an upload, then read the pictures into memory."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask import Request
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import (
    BadRequest,
    HTTPException,
    LengthRequired,
    RequestEntityTooLarge,
    UnsupportedMediaType,
)

from app.api.intake.forms import FORM, MemoryFormParser
from app.api.intake.json_bodies import JSON, Body, body_limit, decode_picture, parse_body
from app.api.intake.missing import MissingImage
from logo_classifier import BadParameter, Picture

IMAGE_FIELD = "image"
BATCH_FIELD = "images"

FORM_OVERHEAD_BYTES = 64 * 1024
"""Bytes for boundaries, part headers and parameters, in addition to the pictures."""


@dataclass(frozen=True, slots=True)
class Upload:
    """One uploaded picture; `filename` comes from the client and is never used as a path."""

    filename: str | None
    picture: Picture


class MemoryRequest(Request):
    """A request that keeps uploaded files in memory; `guard` bounds their size."""

    form_data_parser_class = MemoryFormParser


class UnknownCoding(HTTPException):
    """A body with a transfer coding other than chunked (RFC 9112, section 6.1)."""

    code = HTTPStatus.NOT_IMPLEMENTED


class UnsupportedCoding(UnsupportedMediaType):
    """A body that is compressed (RFC 9110, section 15.5.16)."""

    def get_headers(self, *arguments: Any) -> list[tuple[str, str]]:
        """Return the headers, among them the only coding that is accepted."""
        return [*super().get_headers(*arguments), ("Accept-Encoding", "identity")]


def guard(request: Request, max_bytes: int, *, form_only: bool = False) -> None:
    """Check a body by its headers, and limit the bytes that are read from it.

    `max_bytes` is the limit for the pictures. Raises RequestEntityTooLarge, LengthRequired,
    MissingImage, BadRequest, UnknownCoding or UnsupportedMediaType (RFC 9110, section 15.5).
    """
    sent_bytes = body_limit(max_bytes) if request.mimetype == JSON else max_bytes
    request.max_content_length = sent_bytes + FORM_OVERHEAD_BYTES
    if (request.content_length or 0) > request.max_content_length:
        raise RequestEntityTooLarge(
            f"the body has {request.content_length} bytes; "
            f"at most {max_bytes} bytes of pictures are accepted"
        )
    guard_transfer(request)
    _guard_media_type(request, form_only)


def guard_transfer(request: Request) -> None:
    """Check how a body is framed and coded.

    Raises LengthRequired, MissingImage, UnknownCoding or UnsupportedCoding.
    """
    _guard_framing(request)
    _guard_codings(request)


def _guard_framing(request: Request) -> None:
    if "Transfer-Encoding" not in request.headers:
        if not request.content_length:
            raise MissingImage("the request has no body")
        # With this flag Werkzeug would accept a truncated body as complete.
        request.environ.pop("wsgi.input_terminated", None)
    elif "wsgi.input_terminated" not in request.environ:
        # Werkzeug would read such a body as empty, and the error would blame the picture.
        raise LengthRequired("this server needs a Content-Length")


def _guard_codings(request: Request) -> None:
    for coding in _codings(request, "Transfer-Encoding"):
        if coding != "chunked":
            raise UnknownCoding(
                f"the Transfer-Encoding {coding[:80]!r} is not decoded; "
                "send the body as it is, chunked or with a Content-Length"
            )
    for coding in _codings(request, "Content-Encoding"):
        raise UnsupportedCoding(
            f"the body has the Content-Encoding {coding[:80]!r}, and this service decodes none; "
            "send the body as it is, without this header"
        )


def _codings(request: Request, header: str) -> list[str]:
    named = request.headers.get(header, "").lower().split(",")
    return [coding.strip() for coding in named if coding.strip() not in ("", "identity")]


def _guard_media_type(request: Request, form_only: bool) -> None:
    named = request.mimetype or "a body without a Content-Type"
    if request.mimetype == FORM:
        if not request.mimetype_params.get("boundary"):
            raise BadRequest(f"{FORM} without a boundary; let the client library set the header")
    elif form_only:
        raise UnsupportedMediaType(
            f"send the pictures as {FORM}, each in a field `{BATCH_FIELD}`; not as {named}"
        )
    elif not (
        request.mimetype.startswith("image/")
        or request.mimetype in (JSON, "application/octet-stream")
    ):
        raise UnsupportedMediaType(
            f"send the picture as {FORM} in the field `{IMAGE_FIELD}`, as the body with "
            f"Content-Type image/* or application/octet-stream, or in base64 as {JSON}; "
            f"not as {named}"
        )


def copies_in_memory(request: Request) -> int:
    """Return how often a body is in memory while it is read: JSON exists in three forms."""
    return 3 if request.mimetype == JSON else 1


def read_body(request: Request) -> Body | None:
    """Return the members of a JSON body, and None for every other kind of body."""
    return parse_body(_read_body(request)) if request.mimetype == JSON else None


def read_upload(request: Request, max_bytes: int, body: Body | None = None) -> Upload:
    """Return the only picture of a request that passed `guard`; `body` is what `read_body` gave.

    Raises MissingImage for no or an empty picture, BadParameter for several, and
    RequestEntityTooLarge for one in base64 that has more than `max_bytes`.
    """
    if body:
        upload = Upload(None, Picture(decode_picture(body.image, max_bytes)))
    elif request.mimetype == FORM:
        files = _files(request, IMAGE_FIELD)
        if len(files) > 1:
            raise BadParameter(f"{len(files)} pictures are given; /classify takes one")
        upload = _read(files[0])
    else:
        upload = Upload(None, Picture(_read_body(request)))
    if not upload.picture.data:
        raise MissingImage("the picture is empty (0 bytes)")
    return upload


def read_uploads(request: Request, max_files: int) -> list[Upload]:
    """Return the pictures of a batch in the order sent, including empty ones.

    Raises MissingImage for no picture, and BadParameter for more than `max_files`.
    """
    files = _files(request, BATCH_FIELD)
    if len(files) > max_files:
        raise BadParameter(f"{len(files)} pictures are given; a batch takes at most {max_files}")
    return [_read(file) for file in files]


def _read_body(request: Request) -> bytes:
    data = request.get_data(cache=False)
    # Werkzeug silently truncates a chunked body at the limit.
    if len(data) == request.max_content_length:
        raise RequestEntityTooLarge("the body is larger than this service accepts")
    return data


def _files(request: Request, field: str) -> list[FileStorage]:
    files = request.files.getlist(field)
    if not files and field in request.form:
        raise MissingImage(f"`{field}` holds text, not a file (curl: -F '{field}=@logo.png')")
    strays = sorted(set(request.files) - {field})
    if not files and strays:
        raise MissingImage(
            f"there is no file in the field `{field}`: "
            f"the form has a file in `{strays[0][:80]}`; rename it to `{field}`"
        )
    if not files:
        raise MissingImage(f"there is no file in the field `{field}`")
    if strays:
        raise BadParameter(f"unknown file field {strays[0][:80]!r}; known: {field}")
    return files


def _read(file: FileStorage) -> Upload:
    return Upload(file.filename or None, Picture(file.stream.read()))
