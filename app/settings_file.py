"""Read the variables of the optional settings file, which a running service reads again."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from dotenv.parser import parse_stream

PREFIX = "LOGO_"
FILE_VARIABLE = "LOGO_SETTINGS_FILE"


def with_file(environ: Mapping[str, str]) -> dict[str, str]:
    """Return an environment with the variables of the file that `LOGO_SETTINGS_FILE` names.

    The file wins over the environment, which a running master cannot change. Raises ValueError
    with the line for anything but lines `LOGO_NAME=value`, comments and empty lines, for a variable
    that stands twice, and for a file that cannot be read.
    """
    place = environ.get(FILE_VARIABLE, "").strip()
    return {**environ, **(_read(Path(place)) if place else {})}


def _read(file: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    try:
        with open(file, encoding="utf-8") as lines:
            bindings = list(parse_stream(lines))
    except OSError as error:
        raise ValueError(f"{FILE_VARIABLE}={file} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise ValueError(f"{FILE_VARIABLE}={file} is not UTF-8 text") from error
    for binding in bindings:
        line = f"line {binding.original.line} of {file}"
        if binding.error or (binding.key and binding.value is None):
            raise ValueError(f"{line} is refused; allowed: LOGO_NAME=value, comments, empty lines")
        if binding.key is None:
            continue
        if not binding.key.startswith(PREFIX) or binding.key == FILE_VARIABLE:
            raise ValueError(f"{line}: {binding.key} is refused; allowed: other LOGO_ variables")
        if binding.key in found:
            raise ValueError(f"{line}: {binding.key} stands twice")
        found[binding.key] = binding.value or ""
    return found
