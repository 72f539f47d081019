"""What is refused before it is read, and how the rest is read."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from app.api.intake.uploads import FORM_OVERHEAD_BYTES, guard, read_upload
from tests.app.api.forms import UnreadableStream, chunked, form

ImageMaker = Callable[..., bytes]
ClientMaker = Callable[..., FlaskClient]

FORM = "multipart/form-data"


def files(field: str, *data: bytes) -> dict[str, Any]:
    return {field: [(BytesIO(file), "logo.png") for file in data]}


def expect(reply: Any, status: int, kind: str, *words: str) -> None:
    assert (reply.status_code, reply.json["error"]) == (status, kind)
    for word in words:
        assert word in reply.json["detail"]


@pytest.mark.parametrize("path", ["/classify", "/classify/batch"])
def test_a_body_above_the_limit_is_refused_unread(client: FlaskClient, path: str) -> None:
    reply = client.post(
        path,
        content_type=f"{FORM}; boundary=x",
        environ_overrides={
            "CONTENT_LENGTH": str(200 * 1024 * 1024),
            "wsgi.input": UnreadableStream(),
        },
    )

    expect(reply, 413, "image_too_large", "bytes of pictures are accepted")


def test_a_type_that_is_no_picture_is_refused_unread(client: FlaskClient) -> None:
    reply = client.post(
        "/classify",
        content_type="application/xml",
        environ_overrides={"CONTENT_LENGTH": "1000", "wsgi.input": UnreadableStream()},
    )

    expect(reply, 415, "unsupported_media_type", "application/xml", "image/*")


def test_curl_s_default_type_is_refused_with_the_way_to_send(
    client: FlaskClient, make_image: ImageMaker
) -> None:
    curl_default = "application/x-www-form-urlencoded"

    reply = client.post("/classify", data=make_image(), content_type=curl_default)

    expect(reply, 415, "unsupported_media_type", curl_default, "field `image`", "octet-stream")


def test_a_body_without_a_type_is_refused(client: FlaskClient, make_image: ImageMaker) -> None:
    expect(client.post("/classify", data=make_image()), 415, "unsupported_media_type")


def test_a_batch_takes_forms_only(client: FlaskClient, make_image: ImageMaker) -> None:
    reply = client.post("/classify/batch", data=make_image(), content_type="image/png")

    expect(reply, 415, "unsupported_media_type", "field `images`", "image/png")


def test_a_form_without_a_boundary_is_refused(client: FlaskClient) -> None:
    expect(client.post("/classify", data=b"--x", content_type=FORM), 400, "bad_request", "boundary")


@pytest.mark.parametrize("path", ["/classify", "/classify/batch"])
def test_a_request_without_a_body_misses_its_picture(client: FlaskClient, path: str) -> None:
    expect(client.post(path), 400, "missing_image", "no body")


def test_a_chunked_body_needs_a_server_that_can_end_it(client: FlaskClient) -> None:
    reply = client.post(
        "/classify", content_type="image/png", headers={"Transfer-Encoding": "chunked"}
    )

    expect(reply, 411, "length_required")


def test_a_chunked_body_is_read(client: FlaskClient, make_image: ImageMaker) -> None:
    assert client.post("/classify", **chunked(make_image())).status_code == 200


def test_a_chunked_body_is_counted_as_it_comes(make_client: ClientMaker) -> None:
    client = make_client(max_upload_bytes=1024)

    reply = client.post("/classify", **chunked(bytes(1024 + FORM_OVERHEAD_BYTES + 1)))

    expect(reply, 413, "image_too_large")


def test_the_limit_is_for_the_picture_and_leaves_room_for_the_form(
    make_client: ClientMaker, make_image: ImageMaker
) -> None:
    picture = make_image("BMP")
    client = make_client(max_upload_bytes=len(picture))

    reply = client.post("/classify", data=files("image", picture))

    assert reply.status_code == 200


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"method": "auto"}, ["no file in the field `image`"]),
        ({"image": "logo.png"}, ["holds text", "image=@logo.png"]),
        (
            files("file", b"x"),
            ["no file in the field `image`", "has a file in `file`; rename it to `image`"],
        ),
        (files("images", b"x"), ["has a file in `images`; rename it to `image`"]),
    ],
)
def test_a_form_without_a_picture_is_told_what_is_missing(
    client: FlaskClient, data: dict[str, Any], words: list[str]
) -> None:
    expect(client.post("/classify", data=data, content_type=FORM), 400, "missing_image", *words)


def test_an_empty_file_is_no_picture(client: FlaskClient) -> None:
    expect(client.post("/classify", **form(b"")), 400, "missing_image", "empty")


def test_two_pictures_where_one_is_meant_are_refused(
    client: FlaskClient, make_image: ImageMaker
) -> None:
    reply = client.post("/classify", data=files("image", make_image(), make_image()))

    expect(reply, 400, "bad_parameter", "2 pictures")


def test_an_unknown_file_beside_the_picture_is_refused(
    client: FlaskClient, make_image: ImageMaker
) -> None:
    data = files("image", make_image()) | files("mask", make_image())

    expect(client.post("/classify", data=data), 400, "bad_parameter", "mask")


def test_a_batch_without_files_misses_its_pictures(client: FlaskClient) -> None:
    reply = client.post("/classify/batch", data={"method": "auto"}, content_type=FORM)

    expect(reply, 400, "missing_image", "`images`")


def test_a_batch_of_too_many_files_is_refused(
    make_client: ClientMaker, make_image: ImageMaker
) -> None:
    client = make_client(max_batch_files=2)

    reply = client.post("/classify/batch", data=files("images", *[make_image()] * 3))

    expect(reply, 400, "bad_parameter", "3 pictures", "at most 2")


def test_a_large_file_stays_in_memory(app: Flask) -> None:
    large = bytes(2 * 1024 * 1024)
    boundary, body = encode_multipart({"image": FileStorage(BytesIO(large), "logo.png")})
    content_type = f"{FORM}; boundary={boundary}"

    with app.test_request_context(method="POST", data=body, content_type=content_type):
        guard(request, len(large))
        upload = read_upload(request, len(large))
        stream = request.files["image"].stream

    assert (upload.filename, upload.picture.data) == ("logo.png", large)
    assert isinstance(stream, BytesIO)


def test_a_batch_whose_files_have_a_wrong_name_is_told_the_right_one(
    client: FlaskClient, make_image: ImageMaker
) -> None:
    reply = client.post("/classify/batch", **form(make_image(), field="image"))

    expect(reply, 400, "missing_image", "has a file in `image`; rename it to `images`")


@pytest.mark.parametrize("path", ["/classify", "/classify/batch"])
@pytest.mark.parametrize("coding", ["gzip", "br", "deflate", "zstd", "GZIP", "identity, gzip", "x"])
def test_a_compressed_body_is_refused_unread_with_the_cure(
    client: FlaskClient, path: str, coding: str
) -> None:
    reply = client.post(
        path,
        content_type=f"{FORM}; boundary=x",
        headers={"Content-Encoding": coding},
        environ_overrides={"CONTENT_LENGTH": "1000", "wsgi.input": UnreadableStream()},
    )

    named = coding.lower().split(", ")[-1]
    expect(reply, 415, "unsupported_media_type", repr(named), "send the body as it is")
    assert reply.headers["Accept-Encoding"] == "identity"


@pytest.mark.parametrize("coding", ["gzip, chunked", "deflate,chunked", "br, chunked", "GZip"])
def test_a_transfer_coding_other_than_chunked_is_refused_unread(
    client: FlaskClient, coding: str
) -> None:
    reply = client.post(
        "/classify",
        content_type="image/png",
        headers={"Transfer-Encoding": coding},
        environ_overrides={"wsgi.input_terminated": True, "wsgi.input": UnreadableStream()},
    )

    named = coding.lower().split(",")[0]
    expect(reply, 501, "not_implemented", repr(named), "chunked or with a Content-Length")


def test_a_coding_that_changes_nothing_is_taken(
    client: FlaskClient, make_image: ImageMaker
) -> None:
    reply = client.post(
        "/classify",
        data=make_image(),
        content_type="image/png",
        headers={"Content-Encoding": "identity"},
    )

    assert reply.status_code == 200
