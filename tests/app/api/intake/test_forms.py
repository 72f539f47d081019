"""Multipart forms are read into memory, whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from werkzeug.exceptions import BadRequest

from app.api.intake.forms import FORM, Fields, Files, FormTooLarge, MemoryFormParser
from tests.app.api.forms import form

ImageMaker = Callable[..., bytes]

PART = b'--b\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
FILE = b'--b\r\nContent-Disposition: form-data; name="image"; filename="%s"\r\n\r\n%s\r\n'
END = b"--b--\r\n"


def parse(body: bytes, parser: MemoryFormParser | None = None) -> tuple[Fields, Files]:
    _, fields, files = (parser or MemoryFormParser()).parse(
        BytesIO(body), FORM, len(body), {"boundary": "b"}
    )
    return fields, files


def test_fields_and_files_come_out_in_order_and_under_their_names() -> None:
    fields, files = parse(PART % (b"method", b"auto") + FILE % (b"a.png", b"one") + END)

    assert list(fields.items(multi=True)) == [("method", "auto")]
    (file,) = files.getlist("image")
    assert (file.filename, file.stream.read()) == ("a.png", b"one")


@pytest.mark.parametrize("size", [0, 1, 65_400, 65_536, 70_000, 300_000])
def test_a_file_comes_out_byte_for_byte_wherever_the_chunks_end(size: int) -> None:
    data = (b"\r\n--" * size)[:size]

    _, files = parse(FILE % (b"a.png", data) + END)

    assert files["image"].stream.read() == data


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ("l\u00f6wen.png".encode(), "l\u00f6wen.png"),
        ("l\u00f6wen.png".encode("latin-1"), "l\ufffdwen.png"),
        (b"%22a%22.png", '"a".png'),
        (b"..\\..\\a.png", "..\\..\\a.png"),
    ],
)
def test_a_name_in_another_character_set_costs_no_picture(sent: bytes, name: str) -> None:
    _, files = parse(FILE % (sent, b"one") + END)

    assert files["image"].filename == name


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"nothing",
        FILE % (b"a.png", b"one"),
        FILE % (b"a.png", b"one") + b"--b",
        b"--b\r\n\r\none\r\n" + END,
        FILE.replace(b"form-data", b"attachment") % (b"a.png", b"one") + END,
        FILE.replace(b"\r\n", b"\n") % (b"a.png", b"one") + END,
    ],
)
def test_a_damaged_form_is_refused(body: bytes) -> None:
    with pytest.raises(BadRequest, match="the form is damaged"):
        parse(body)


def test_too_many_parts_are_refused() -> None:
    parser = MemoryFormParser(max_form_parts=3)

    assert len(parse(PART % (b"a", b"1") * 3 + END, parser)[0].getlist("a")) == 3
    with pytest.raises(FormTooLarge, match="too large: Maximum segment count"):
        parse(PART % (b"a", b"1") * 4 + END, parser)


def test_too_much_text_is_refused_and_files_do_not_count() -> None:
    parser = MemoryFormParser(max_form_memory_size=100)

    parse(PART % (b"a", b"1" * 60) + FILE % (b"a.png", b"1" * 200) + END, parser)
    with pytest.raises(FormTooLarge, match="more than 100 bytes of text"):
        parse(PART % (b"a", b"1" * 60) * 2 + END, parser)


@pytest.mark.parametrize("header", [b"X-Long: " + b"a" * 5000, b"\r\n".join([b"X: 1"] * 40)])
def test_headers_of_a_part_are_bounded(header: bytes) -> None:
    with pytest.raises(FormTooLarge, match="too large: "):
        parse(PART.replace(b"\r\n\r\n", b"\r\n" + header + b"\r\n\r\n", 1) % (b"a", b"1") + END)


def test_a_picture_without_a_filename_is_a_file_all_the_same() -> None:
    picture = (
        b'--b\r\nContent-Disposition: form-data; name="image"\r\nContent-Type: image/png\r\n\r\n'
    )
    parser = MemoryFormParser(max_form_memory_size=100)

    fields, files = parse(picture + b"1" * 200 + b"\r\n" + END, parser)

    assert not fields
    assert files["image"].read() == b"1" * 200
    assert files["image"].filename is None


def test_a_form_that_breaks_off_is_told_so(client: FlaskClient, make_image: ImageMaker) -> None:
    sent = form(make_image())

    reply = client.post("/classify", **(sent | {"data": sent["data"][:-20]}))

    assert (reply.status_code, reply.json["error"]) == (400, "bad_request")
    assert "damaged: Unexpected end" in reply.json["detail"]


def test_text_of_a_form_is_bounded_over_http(client: FlaskClient, make_image: ImageMaker) -> None:
    reply = client.post("/classify", **form(make_image(), method="a" * 600_000))

    assert (reply.status_code, reply.json["error"]) == (413, "form_too_large")


HEAD = b'--b\r\nContent-Disposition: form-data; name="image"%s\r\n%s\r\nbytes\r\n'


@pytest.mark.parametrize(
    "kind",
    [
        b"image/png",
        b"application/octet-stream",
        b"APPLICATION/OCTET-STREAM",
        b"binary/octet-stream",
    ],
)
def test_a_part_of_a_client_that_names_no_file_is_a_file_by_its_type(kind: bytes) -> None:
    fields, files = parse(HEAD % (b"", b"Content-Type: " + kind + b"\r\n") + END)

    assert not fields
    assert (files["image"].filename, files["image"].read()) == (None, b"bytes")


@pytest.mark.parametrize(
    "kind", [b"text/plain; charset=UTF-8", b"text/plain", b"application/json", b""]
)
def test_a_part_of_text_is_a_field_whatever_client_typed_it(kind: bytes) -> None:
    typed = b"Content-Type: " + kind + b"\r\n" if kind else b""

    fields, files = parse(HEAD % (b"", typed) + END)

    assert not files
    assert fields["image"] == "bytes"


@pytest.mark.parametrize(
    ("notation", "name"),
    [
        (b"; filename*=utf-8''l%C3%B6go.png", "l\u00f6go.png"),
        (b"; filename*=UTF-8'en'%E2%82%AC.png", "\u20ac.png"),
        (b"; filename*=iso-8859-1''l%F6go.png", "l\u00f6go.png"),
        (b"; FileName*=utf-8''a.png", "a.png"),
        (b"; filename=a.png; filename*=utf-8''%C3%B6.png", "\u00f6.png"),
        (b"; filename*=utf-8''%C3%B6.png; filename=a.png", "\u00f6.png"),
        (b"; filename*0=a; filename*1=.png", "a.png"),
    ],
)
def test_a_file_name_in_the_extended_notation_makes_a_file(notation: bytes, name: str) -> None:
    fields, files = parse(HEAD % (notation, b"") + END)

    assert not fields
    assert (files["image"].filename, files["image"].read()) == (name, b"bytes")


@pytest.mark.parametrize("notation", [b"; filename*=", b"; filename*=utf-7''a", b"; filename*=%ZZ"])
def test_a_file_name_that_cannot_be_decoded_costs_no_picture(notation: bytes) -> None:
    _, files = parse(HEAD % (notation, b"") + END)

    assert files["image"].read() == b"bytes"


def test_a_field_whose_text_says_filename_is_no_file() -> None:
    fields, files = parse(PART % (b"a filename*=x", b"1") + END)

    assert not files
    assert list(fields.values()) == ["1"]


@pytest.mark.parametrize("field", ["images[]", "images[0]", "images[17]"])
def test_the_index_behind_a_field_s_name_is_left_out(
    client: FlaskClient, make_image: ImageMaker, field: str
) -> None:
    reply = client.post("/classify/batch", **form(make_image(), make_image(), field=field))

    assert reply.status_code == 200
    assert [item["filename"] for item in reply.json["results"]] == ["logo0.png", "logo1.png"]


def test_files_with_and_without_an_index_keep_their_order(
    client: FlaskClient, make_image: ImageMaker
) -> None:
    part = b'--b\r\nContent-Disposition: form-data; name="%s"; filename="%s"\r\n\r\n%s\r\n'
    names = [(b"images[1]", b"one"), (b"images", b"two"), (b"images[]", b"three")]
    body = b"".join(part % (field, name, make_image()) for field, name in names) + END

    reply = client.post(
        "/classify/batch", data=body, content_type="multipart/form-data; boundary=b"
    )

    assert [item["filename"] for item in reply.json["results"]] == ["one", "two", "three"]


@pytest.mark.parametrize(
    ("header", "status"),
    [
        (b"Content-Transfer-Encoding: binary", 200),
        (b"Content-Transfer-Encoding: 8bit", 200),
        (b"Content-Transfer-Encoding: base64", 415),
        (b"Content-Transfer-Encoding: Quoted-Printable", 415),
        (b"Content-Encoding: gzip", 415),
    ],
)
def test_an_encoded_part_is_refused_by_name(
    client: FlaskClient, make_image: ImageMaker, header: bytes, status: int
) -> None:
    body = FILE.replace(b"\r\n\r\n", b"\r\n" + header + b"\r\n\r\n", 1) % (b"a", make_image())

    reply = client.post(
        "/classify", data=body + END, content_type="multipart/form-data; boundary=b"
    )

    assert reply.status_code == status
    if status == 415:
        name, value = header.decode().split(": ")
        assert f"{name} {value.lower()!r}" in reply.json["detail"]
