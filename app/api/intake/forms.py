"""Parse multipart forms into memory (RFC 7578)."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from math import inf
from typing import IO

from multipart import MultipartSegment, ParserError, ParserLimitReached, PushMultipartParser
from werkzeug.datastructures import FileStorage, Headers, MultiDict
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge
from werkzeug.formparser import FormDataParser

FORM = "multipart/form-data"

_CHUNK_BYTES = 64 * 1024

Fields = MultiDict[str, str]
Files = MultiDict[str, FileStorage]


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

        A part without a filename is a file if its Content-Type is image/* (RFC 7578, 4.2 and
        4.4). Raises BadRequest for a damaged form, and FormTooLarge for one above the limits.
        """
        if mimetype != FORM:
            return super().parse(stream, mimetype, content_length, options)
        fields: list[tuple[str, str]] = []
        files: list[tuple[str, FileStorage]] = []
        try:
            for part, data in self._parts(stream, (options or {}).get("boundary", "")):
                name = _text(part.name)
                if _is_file(part):
                    filename = None if part.filename is None else _text(part.filename)
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
    return part.filename is not None or (part.content_type or "").startswith("image/")


def _text(name: str) -> str:
    return name.encode("latin-1").decode(errors="replace")
