"""Parse multipart forms into memory (RFC 7578)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from math import inf
from typing import IO

from multipart import MultipartSegment, ParserError, ParserLimitReached, PushMultipartParser
from werkzeug.datastructures import FileStorage, Headers, MultiDict
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, UnsupportedMediaType
from werkzeug.formparser import FormDataParser
from werkzeug.http import parse_options_header

FORM = "multipart/form-data"

_CHUNK_BYTES = 64 * 1024

Fields = MultiDict[str, str]
Files = MultiDict[str, FileStorage]


_INDEX = re.compile(r"\[[0-9]*\]$")
"""What PHP, Rails and Axios put behind the name of a field that is repeated."""

_EXTENDED_FILENAME = re.compile(r";\s*filename\*(?:[0-9]+\*?)?\s*=", re.IGNORECASE)
_PLAIN_FILENAME = re.compile(r"(;\s*)filename(\s*=)", re.IGNORECASE)

_CODINGS = ("Content-Transfer-Encoding", "Content-Encoding")
_PLAIN = ("", "binary", "8bit", "7bit", "identity")


class FormTooLarge(RequestEntityTooLarge):
    """A form with too many parts, too long headers, or too much text."""

    kind = "form_too_large"


class MemoryFormParser(FormDataParser):
    """A form parser that keeps every part in memory and writes nothing to disk.

    Werkzeug's own parser takes several times as long to find the end of a picture.
    """

    def parse(
        self,
        stream: IO[bytes],
        mimetype: str,
        content_length: int | None,
        options: dict[str, str] | None = None,
    ) -> tuple[IO[bytes], Fields, Files]:
        """Return the stream, the fields and the files of a form; `stream` must be limited.

        A part is a file if it has a file name in any notation, or a Content-Type that is no text
        (RFC 7578, 4.2 and 4.4). `images[]` and `images[3]` are `images`. Raises BadRequest for a
        damaged form, UnsupportedMediaType for an encoded part, and FormTooLarge for a form above
        the limits.
        """
        if mimetype != FORM:
            return super().parse(stream, mimetype, content_length, options)
        fields: list[tuple[str, str]] = []
        files: list[tuple[str, FileStorage]] = []
        try:
            for part, data in self._parts(stream, (options or {}).get("boundary", "")):
                name = _text(part.name)
                if _is_file(part):
                    _refuse_codings(part, name)
                    name, filename = _INDEX.sub("", name), _filename(part)
                    headers = Headers(part.headerlist)
                    file = FileStorage(BytesIO(data), filename, name, headers=headers)
                    files.append((name, file))
                else:
                    fields.append((name, data.decode(errors="replace")))
        except ParserLimitReached as error:
            raise FormTooLarge(f"the form is too large: {error}") from error
        except ParserError as error:
            raise BadRequest(f"the form is damaged: {error}") from error
        return stream, self.cls(fields), self.cls(files)

    def _parts(self, stream: IO[bytes], boundary: str) -> Iterator[tuple[MultipartSegment, bytes]]:
        # Latin-1 accepts any byte. A name in another character set must not make the form fail.
        parser = PushMultipartParser(
            boundary, max_segment_count=self.max_form_parts or inf, header_charset="latin-1"
        )
        max_text_bytes = self.max_form_memory_size or inf
        text_bytes = 0
        chunks: list[bytes] = []
        for event in parser.parse_blocking(stream.read, _CHUNK_BYTES):
            if isinstance(event, MultipartSegment):
                part, chunks = event, []
            elif event is None:
                yield part, b"".join(chunks)
            else:
                chunks.append(event)
                text_bytes += 0 if _is_file(part) else len(event)
                if text_bytes > max_text_bytes:
                    raise ParserLimitReached(f"more than {max_text_bytes} bytes of text")


def _is_file(part: MultipartSegment) -> bool:
    if part.filename is not None or _has_extended_filename(part):
        return True
    # Java's clients name no file where they send bytes. Some clients give every text a type.
    kind = part.content_type or "text/plain"
    return not kind.startswith("text/") and kind != "application/json"


def _has_extended_filename(part: MultipartSegment) -> bool:
    return bool(_EXTENDED_FILENAME.search(part.header("Content-Disposition") or ""))


def _filename(part: MultipartSegment) -> str | None:
    """Return the file name; the extended notation (RFC 8187) wins, if it can be decoded."""
    if _has_extended_filename(part):
        extended = _PLAIN_FILENAME.sub(r"\1plain\2", part.header("Content-Disposition") or "")
        _, options = parse_options_header(extended)
        if "filename" in options:
            return options["filename"]
    return None if part.filename is None else _text(part.filename)


def _refuse_codings(part: MultipartSegment, name: str) -> None:
    for header in _CODINGS:
        coding = (part.header(header) or "").lower()
        if coding not in _PLAIN:
            raise UnsupportedMediaType(
                f"the file in `{name[:80]}` has the {header} {coding[:80]!r}; "
                "this service decodes none: send the bytes as they are"
            )


def _text(name: str) -> str:
    return name.encode("latin-1").decode(errors="replace")
