"""No bytes and no parameters get more out of the service than an answer or a clear refusal.

A bounded number of inputs here; `make fuzz` goes on for hours.
"""

from __future__ import annotations

import base64
import json
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from PIL import Image
from werkzeug.test import TestResponse

from app.api import create_app
from app.config import Settings
from logo_classifier import HybridClassifier, Limits

DATA = Path(__file__).parents[2] / "data"
GOLDEN = Path(__file__).parents[3] / "models" / "golden"
SEEDS = [
    path.read_bytes()
    for path in sorted([*DATA.rglob("*.*"), *GOLDEN.glob("*.png")])
    if path.suffix in (".png", ".jpg", ".gif", ".bmp") and path.stat().st_size < 40_000
]
INSIDE = ("Traceback", "site-packages", str(DATA.parents[1]), "0x7")
_SIGNATURE_BYTES = 8
TYPES = ("simple", "text", "gradient", "complex")


def saved(format_name: str, **options: object) -> bytes:
    """Return a logo as a file of a format."""
    file = BytesIO()
    with Image.open(GOLDEN / "moon.png") as logo:
        logo.resize((64, 64)).save(file, format_name, **options)
    return file.getvalue()


OPTIONAL_FORMATS = ("WEBP", "AVIF", "TIFF", "ICO")
OPTIONAL_SEEDS = [
    saved("WEBP"),
    saved("WEBP", lossless=True),
    saved("AVIF"),
    saved("TIFF"),
    saved("TIFF", compression="tiff_lzw"),
    saved("TIFF", compression="tiff_adobe_deflate"),
    saved("ICO", sizes=[(16, 16), (64, 64)]),
]


@pytest.fixture(scope="module")
def client_of_all_formats() -> FlaskClient:
    chosen = Settings(formats=(*Settings().formats, *OPTIONAL_FORMATS))
    classifier = HybridClassifier(limits=Limits(formats=chosen.formats))
    return create_app(chosen, classifier).test_client()


@st.composite
def damaged_pictures(draw: st.DrawFn, seeds: list[bytes] = SEEDS) -> bytes:
    """Return a real picture with bytes changed, moved, repeated or cut off."""
    data = bytearray(draw(st.sampled_from(seeds)))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(_SIGNATURE_BYTES, 128) | st.integers(len(data) // 9, len(data)))
        kind = draw(st.sampled_from(["set", "set", "insert", "delete", "repeat", "cut"]))
        if kind == "set":
            data[at : at + 4] = draw(st.binary(min_size=1, max_size=4))
        elif kind == "insert":
            data[at:at] = draw(st.binary(max_size=32))
        elif kind == "delete":
            del data[at : at + draw(st.integers(1, 64))]
        elif kind == "repeat":
            data[at:at] = data[at : at + draw(st.integers(1, 256))]
        else:
            del data[max(at, len(data) // 2) :]
    return draw(st.sampled_from([bytes, with_right_checksums]))(bytes(data))


def with_right_checksums(data: bytes) -> bytes:
    """Return a PNG whose checksums suit its damage, so that it gets as far as the decoder."""
    mended, at = bytearray(data[:_SIGNATURE_BYTES]), _SIGNATURE_BYTES
    while at + 8 <= len(data):
        end = at + 8 + int.from_bytes(data[at : at + 4], "big")
        mended += data[at:end] + zlib.crc32(data[at + 4 : end]).to_bytes(4, "big")
        at = end + 4
    return bytes(mended) if data.startswith(b"\x89PNG") else data


def check(reply: TestResponse) -> None:
    body = reply.get_json()
    event(f"{reply.status_code} {body.get('error', '')}")
    assert reply.status_code < 500, body
    if reply.status_code == 200:
        assert body["logo_type"] in TYPES
        assert 0 <= body["confidence"] <= 1
    else:
        assert body["status"] == reply.status_code
        assert body["detail"]
        assert not any(inside in body["detail"] for inside in INSIDE)


shared = settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@shared
@given(picture=damaged_pictures())
def test_damaged_pictures_are_answered_or_refused(client: FlaskClient, picture: bytes) -> None:
    check(client.post("/classify", data=picture, content_type="image/png"))


@pytest.mark.filterwarnings(r"ignore:::PIL\.")  # as Gunicorn's configuration does
@shared
@given(picture=damaged_pictures(OPTIONAL_SEEDS))
def test_damaged_pictures_of_optional_formats_are_answered_or_refused(
    client_of_all_formats: FlaskClient, picture: bytes
) -> None:
    check(client_of_all_formats.post("/classify", data=picture, content_type="image/webp"))


@st.composite
def json_bodies(draw: st.DrawFn) -> bytes:
    """Return a JSON body with a picture, damaged in its picture, its text or its members."""
    text = base64.b64encode(draw(damaged_pictures() | st.sampled_from(SEEDS))).decode()
    head = draw(
        st.sampled_from(["", "data:image/png;base64,", "data:,", "data:text/html,", "http:"])
    )
    value = draw(st.just(head + text) | st.just(head + text[:-1]) | st.text(max_size=40) | VALUES)
    members = draw(st.dictionaries(NAMES, VALUES, max_size=3)) | {draw(NAMES): value}
    body = json.dumps(members).encode()
    cut = draw(st.integers(0, len(body)))
    return draw(st.sampled_from([body, body, body[:cut], b"[" * cut, b"\xff\xfe" + body]))


NAMES = st.sampled_from(
    [
        "image",
        "method",
        "time_budget",
        "include_features",
        "include_explanation",
        "include_tracing",
        "image_url",
    ]
)
VALUES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(["auto", "rule_based", "1", ""])
    | st.lists(st.integers(), max_size=2)
)


@shared
@given(body=json_bodies())
def test_json_bodies_are_answered_or_refused(client: FlaskClient, body: bytes) -> None:
    check(client.post("/classify", data=body, content_type="application/json"))


@shared
@given(
    body=st.binary(max_size=400),
    end=st.sampled_from([b"", b"\r\n--b--", b"\r\n--b--\r\n", b"\r\n--b\r\n"]),
    boundary=st.sampled_from(["b", "b b", ""]),
)
def test_broken_forms_are_refused(
    client: FlaskClient, body: bytes, end: bytes, boundary: str
) -> None:
    part = b"--b\r\nContent-Disposition: form-data; name=image; filename=a.png\r\n\r\n"
    form = part + body + end

    check(
        client.post(
            "/classify", data=form, content_type=f"multipart/form-data; boundary={boundary}"
        )
    )


@shared
@given(
    parameters=st.dictionaries(
        st.sampled_from(
            ["method", "time_budget", "include_features", "include_explanation", "include_tracing"]
        )
        | st.text(max_size=20),
        st.sampled_from(["auto", "nan", "inf", "-1", "1e-9", "60", "true"]) | st.text(max_size=20),
        max_size=4,
    )
)
def test_parameters_are_obeyed_or_refused(client: FlaskClient, parameters: dict[str, str]) -> None:
    reply = client.post(
        "/classify",
        query_string=parameters,
        data={"image": (BytesIO(SEEDS[0]), "../../etc/passwd")},
        content_type="multipart/form-data",
    )

    assert reply.status_code in (200, 400, 422), reply.get_json()
