"""Tell by its content what came instead of a picture, and what its sender can do about it."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

_HEAD_BYTES = 1024


@dataclass(frozen=True, slots=True)
class Kind:
    """What the data is: its name for people, Pillow's name of the format if any, and advice."""

    name: str
    format: str = ""
    todo: str = "save it as PNG"

    @property
    def advice(self) -> str:
        """Return what came and what to do, as part of a sentence."""
        return f"this is {self.name}{':' if self.todo.startswith('already') else ';'} {self.todo}"


_SVG = Kind("SVG", todo="already a vector, nothing to trace")
_VECTOR_TODO = "save the page that has the logo as PNG"
_PACKED_TODO = "send the picture that is inside it"

_SIGNATURES: tuple[tuple[bytes, Kind], ...] = (
    (rb"\x89PNG\r\n\x1a\n", Kind("PNG", "PNG")),
    (rb"\xff\xd8\xff", Kind("JPEG", "JPEG")),
    (rb"GIF8[79]a", Kind("GIF", "GIF")),
    (rb"RIFF.{4}WEBP", Kind("WebP", "WEBP")),
    (rb".{4}ftypavi[fs]", Kind("AVIF", "AVIF")),
    (rb".{4}ftyp(hei[cxms]|hev[cxms]|mif1|msf1)", Kind("HEIC")),
    (rb"II\*\0|MM\0\*|II\+\0|MM\0\+", Kind("TIFF", "TIFF")),
    (rb"\0\0\x01\0[^\0]", Kind("ICO", "ICO")),
    (rb"\0\0\x02\0[^\0]", Kind("a Windows cursor")),
    (rb"icns", Kind("an Apple icon (ICNS)")),
    (rb"8BPS", Kind("PSD")),
    (rb"\xff\x0a|\0\0\0\x0cJXL ", Kind("JPEG XL")),
    (rb"\0\0\0\x0cjP  |\xff\x4f\xff\x51", Kind("JPEG 2000")),
    (rb"qoif", Kind("QOI")),
    (rb"P[1-7][\s#]", Kind("a Netpbm picture")),
    (rb"\xef\xbb\xbf?%PDF-|%PDF-", Kind("PDF", todo=_VECTOR_TODO)),
    (rb"%!PS|\xc5\xd0\xd3\xc6", Kind("PostScript", todo="already a vector, nothing to trace")),
    (rb"\xd7\xcd\xc6\x9a|\x01\0\0\0.{36} EMF", Kind("a Windows metafile")),
    (rb"\x1f\x8b", Kind("gzip", todo="decompress it first")),
    (rb"PK\x03\x04|PK\x05\x06", Kind("ZIP", todo=_PACKED_TODO)),
    (
        rb"7z\xbc\xaf\x27\x1c|Rar!|\x28\xb5\x2f\xfd|BZh|\xfd7zXZ",
        Kind("an archive", todo=_PACKED_TODO),
    ),
    (rb"RIFF.{4}AVI |.{4}ftyp|\x1a\x45\xdf\xa3", Kind("a video", todo="save a frame of it as PNG")),
)

_DATA_URL = Kind("a data URL", todo="decode its base64 first")
_BASE64 = Kind("base64 text", todo="decode it first")
_HTML = Kind("HTML", todo="a page and not a picture: send the file that it shows")
_XML = Kind("XML", todo="send a picture instead")
_JSON = Kind("JSON", todo="send the picture's own bytes")
_TEXT = Kind("plain text", todo="send the picture's own bytes")

_PATTERNS = tuple((re.compile(pattern, re.DOTALL), kind) for pattern, kind in _SIGNATURES)
_HTML_TAG = re.compile(
    rb"<(!doctype\s+html|html|head|body|script|meta|div|img)[\s>]", re.IGNORECASE
)
_BASE64_TEXT = re.compile(rb"[A-Za-z0-9+/_-]{16,}={0,2}")
_NO_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def recognise(data: bytes) -> Kind | None:
    """Return what the data is by its content, or None if it is not known."""
    for pattern, kind in _PATTERNS:
        if pattern.match(data):
            return kind
    return _recognise_text(data[:_HEAD_BYTES])


def _recognise_text(head: bytes) -> Kind | None:
    text = _in_bytes_of_ascii(head).removeprefix(b"\xef\xbb\xbf").lstrip()
    if not text or _NO_TEXT.search(text):
        return None
    if text[:5].lower() == b"data:":
        return _DATA_URL
    if text.startswith(b"<"):
        return _recognise_markup(text)
    if text[:1] in (b"{", b"["):
        return _JSON
    return _BASE64 if _is_base64(text) else _TEXT


def _recognise_markup(text: bytes) -> Kind:
    if _HTML_TAG.search(text) and not re.match(rb"<svg", text, re.IGNORECASE):
        return _HTML
    if re.search(rb"<([a-z]+:)?svg[\s>]|<!doctype\s+svg", text, re.IGNORECASE):
        return _SVG
    return _XML


def _in_bytes_of_ascii(head: bytes) -> bytes:
    """Return text in UTF-16 as bytes of ASCII, anything else as it is."""
    if not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head
    return head[: len(head) // 2 * 2].decode("utf-16", "replace").encode("ascii", "replace")


def _is_base64(text: bytes) -> bool:
    packed = b"".join(text.split())
    if not _BASE64_TEXT.fullmatch(packed):
        return False
    if len(text) == _HEAD_BYTES or len(packed) % 4 == 0:
        return True
    try:
        start = base64.b64decode(packed[: len(packed) // 4 * 4], validate=True)
    except binascii.Error:
        return False
    return any(pattern.match(start) for pattern, _ in _PATTERNS)
