"""Who sends no picture is told what came, and what to do."""

from __future__ import annotations

import base64
import gzip
import struct
import zipfile
from io import BytesIO

import pytest
from PIL import Image

from logo_classifier.errors import UnsupportedFormat
from logo_classifier.pictures.header import check_image


def drawn(format: str) -> bytes:
    file = BytesIO()
    Image.effect_mandelbrot((64, 64), (-2, -1, 1, 1), 60).convert("RGB").save(file, format)
    return file.getvalue()


def zipped() -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as folder:
        folder.writestr("logo.png", drawn("PNG"))
    return file.getvalue()


def as_heic(brand: bytes) -> bytes:
    return struct.pack(">I", 24) + b"ftyp" + brand + bytes(4) + b"mif1heic"


PNG = drawn("PNG")
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0h9"/></svg>'
TOLD = {
    "WebP": (drawn("WEBP"), "this is WebP; save it as PNG"),
    "AVIF": (drawn("AVIF"), "this is AVIF; save it as PNG"),
    "HEIC": (as_heic(b"heic"), "this is HEIC; save it as PNG"),
    "HEIC of several": (as_heic(b"mif1"), "this is HEIC; save it as PNG"),
    "TIFF": (drawn("TIFF"), "this is TIFF; save it as PNG"),
    "big-endian TIFF": (b"MM\0*" + bytes(40), "this is TIFF; save it as PNG"),
    "ICO": (drawn("ICO"), "this is ICO; save it as PNG"),
    "PSD": (b"8BPS\0\1" + bytes(40), "this is PSD; save it as PNG"),
    "PDF": (
        b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
        "this is PDF; save the page that has the logo as PNG",
    ),
    "gzip": (gzip.compress(SVG), "this is gzip; decompress it first"),
    "ZIP": (zipped(), "this is ZIP; send the picture that is inside it"),
    "SVG": (SVG, "this is SVG: already a vector, nothing to trace"),
    "SVG behind a declaration": (
        b'\xef\xbb\xbf<?xml version="1.0"?>\n<!-- made by hand -->\n<!DOCTYPE svg>\n' + SVG,
        "this is SVG: already a vector",
    ),
    "SVG in UTF-16": (SVG.decode().encode("utf-16"), "this is SVG: already a vector"),
    "HTML": (b"\n<!DOCTYPE html><html><body>404</body></html>", "this is HTML; a page"),
    "HTML with SVG inside": (b"<html><body>" + SVG, "this is HTML; a page"),
    "JSON": (b'{"image": "logo.png"}', "this is JSON; send the picture's own bytes"),
    "a data URL": (
        b"data:image/png;base64," + base64.b64encode(PNG),
        "this is a data URL; decode its base64 first",
    ),
    "base64": (base64.b64encode(PNG), "this is base64 text; decode it first"),
    "base64 in lines": (base64.encodebytes(PNG), "this is base64 text; decode it first"),
    "base64 of little": (base64.b64encode(PNG[:26]), "this is base64 text; decode it first"),
    "base64 for URLs": (
        base64.urlsafe_b64encode(drawn("JPEG")),
        "this is base64 text; decode it first",
    ),
    "plain text": (b"/home/me/logo.png\n", "this is plain text; send the picture's own bytes"),
    "text that begins like a BMP": (b"BM is what I think", "this is plain text"),
    "text in Latin-1": ("Schöne Grüße".encode("latin-1"), "this is plain text"),
}


@pytest.mark.parametrize(("data", "told"), TOLD.values(), ids=TOLD)
def test_a_refusal_names_what_came_and_what_to_do(data: bytes, told: str) -> None:
    with pytest.raises(UnsupportedFormat) as caught:
        check_image(data)

    assert str(caught.value).startswith("the data is not a PNG, JPEG, BMP or GIF picture")
    assert told in str(caught.value)


@pytest.mark.parametrize("data", [b"\0\1\2\3" * 9, b"G", b"\x01", bytes(100)])
def test_what_is_not_known_is_refused_without_a_guess(data: bytes) -> None:
    with pytest.raises(UnsupportedFormat, match="by its content"):
        check_image(data)


def test_no_more_than_the_head_of_a_text_is_looked_at() -> None:
    with pytest.raises(UnsupportedFormat, match="this is base64 text"):
        check_image(b"QUJD" * 5_000_000)
