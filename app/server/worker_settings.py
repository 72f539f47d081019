"""Fix the settings of a worker at its start, and remember the last good ones of a master."""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path

from app.config import Settings
from app.settings_file import FILE_VARIABLE, PREFIX, with_file

_REMEMBERED = "settings.json"
_log = logging.getLogger(__name__)


def fix_settings(memory: Path) -> Settings:
    """Read the settings and put them into this process's environment, which is all it reads later.

    Without this a file that changes while a worker starts would be two files to it. If the file is
    refused, the last good settings of the master's workers are taken: a worker that ends at its
    start would end the master. `memory` is the folder in which they are remembered.
    """
    try:
        variables = _ours(with_file(os.environ))
        settings = Settings.from_env(variables)
    except ValueError as error:
        remembered = memory / _REMEMBERED
        if not remembered.exists():
            raise
        _log.error("the last good settings serve on: %s", error)
        variables = json.loads(remembered.read_text("utf-8"))
        settings = Settings.from_env(variables)
    for name in _ours(os.environ):
        del os.environ[name]
    os.environ.pop(FILE_VARIABLE, None)
    os.environ.update(variables)
    return settings


def remember_settings(memory: Path) -> None:
    """Remember the settings of this process as good; keys are for the master's user alone."""
    written = memory / f"{_REMEMBERED}.{os.getpid()}"
    try:
        with open(os.open(written, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(_ours(with_file(os.environ)), file)
        written.replace(memory / _REMEMBERED)
    except (OSError, ValueError) as error:
        _log.warning("the settings are not remembered: %s", error)


def _ours(environ: dict[str, str] | os._Environ[str]) -> dict[str, str]:
    return {
        name: text
        for name, text in environ.items()
        if name.startswith(PREFIX) and name != FILE_VARIABLE
    }
