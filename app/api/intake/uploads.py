"""Validate the headers of an upload, then read the pictures into memory."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Request
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import (
    BadRequest,
    LengthRequired,
    RequestEntityTooLarge,
    UnsupportedMediaType,
)

from app.api.intake.forms import FORM, MemoryFormParser
from logo_classifier import BadParameter, Picture

IMAGE_FIELD = "image"
BATCH_FIELD = "images"

FORM_OVERHEAD_BYTES = 64 * 1024
"""Bytes for boundaries, part headers and parameters, in addition to the pictures."""


class MissingImage(BadRequest):
    """A request without a picture."""

    kind = "missing_image"


@dataclass(frozen=True, slots=True)
class Upload:
    """One uploaded picture; `filename` comes from the client and is never used as a path."""

    filename: str | None
    picture: Picture


class MemoryRequest(Request):
    """A request that keeps uploaded files in memory; `guard` bounds their size."""

    form_data_parser_class = MemoryFormParser


def guard(request: Request, max_bytes: int, *, form_only: bool = False) -> None:
    """Check a body by its headers, and limit the bytes that are read from it.

    `max_bytes` is the limit for the pictures. Raises RequestEntityTooLarge, LengthRequired,
    MissingImage, BadRequest or UnsupportedMediaType (RFC 9110, section 15.5).
    """
    request.max_content_length = max_bytes + FORM_OVERHEAD_BYTES
    if (request.content_length or 0) > request.max_content_length:
        raise RequestEntityTooLarge(
            f"the body has {request.content_length} bytes; "
            f"at most {max_bytes} bytes of pictures are accepted"
        )
    _guard_framing(request)
    _guard_media_type(request, form_only)


def _guard_framing(request: Request) -> None:
    if "Transfer-Encoding" not in request.headers:
        if not request.content_length:
            raise MissingImage("the request has no body")
        # With this flag Werkzeug would accept a truncated body as complete.
        request.environ.pop("wsgi.input_terminated", None)
    elif "wsgi.input_terminated" not in request.environ:
        # Werkzeug would read such a body as empty, and the error would blame the picture.
        raise LengthRequired("this server needs a Content-Length")


def _guard_media_type(request: Request, form_only: bool) -> None:
    if request.mimetype == FORM:
        if not request.mimetype_params.get("boundary"):
            raise BadRequest(f"{FORM} without a boundary; let the client library set the header")
    elif form_only:
        raise UnsupportedMediaType(
            f"send the pictures as {FORM}, each in a field `{BATCH_FIELD}`; "
            f"not as {request.mimetype or 'a body without a Content-Type'}"
        )
    elif not (
        request.mimetype.startswith("image/") or request.mimetype == "application/octet-stream"
    ):
        raise UnsupportedMediaType(
            f"send the picture as {FORM} in the field `{IMAGE_FIELD}`, or as the body with "
            "Content-Type image/* or application/octet-stream; "
            f"not as {request.mimetype or 'a body without a Content-Type'}"
        )


def read_upload(request: Request) -> Upload:
    """Return the only picture of a request that passed `guard`.

    Raises MissingImage for no or an empty picture, and BadParameter for several.
    """
    if request.mimetype == FORM:
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
    if not files:
        raise MissingImage(f"the form has no file in the field `{field}`")
    strays = sorted(set(request.files) - {field})
    if strays:
        raise BadParameter(f"unknown file field {strays[0][:80]!r}; known: {field}")
    return files


def _read(file: FileStorage) -> Upload:
    return Upload(file.filename or None, Picture(file.stream.read()))
