"""Keep the pictures of answers in a folder, within bounds of bytes and days."""

from __future__ import annotations

import logging
import os
import re
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from threading import Lock

MOST_WAITING_BYTES = 64 * 1024 * 1024
"""Bytes of pictures of one process that wait to be written at most."""

_LOOK_AGAIN_SECONDS = 60.0
_LOOK_AGAIN_SHARE = 0.02
"""Share of the bytes allowed that a process writes before it looks at the folder again."""

_PARTIAL = ".logo-"
_OURS = re.compile(r"[0-9a-f]{64}\.[a-z]+|\.logo-\w+")

_log = logging.getLogger(__name__)


class Kept(StrEnum):
    """What became of a picture that was to be kept."""

    KEPT = "kept"
    KNOWN = "known"
    """It is there already."""
    DROPPED = "dropped"
    """Too many bytes waited."""
    FAILED = "failed"
    """The folder cannot be written."""


@dataclass(frozen=True, slots=True)
class PictureFolder:
    """Pictures in files named by their SHA-256, for the processes of one machine.

    The time of a file is that of its latest answer. `most_bytes` bounds their sum, `keep_seconds`
    their age; what was answered longest ago goes first. Other files in the folder are let be.
    """

    folder: Path
    most_bytes: int
    keep_seconds: float

    def find(self, sha256: str) -> Path | None:
        """Return the file of a picture, or None."""
        return next(self.folder.glob(f"{sha256}.*"), None)

    def put(self, sha256: str, suffix: str, data: bytes) -> Kept:
        """Write a picture, whole or not at all; raise OSError if that fails."""
        path = self.folder / f"{sha256}.{suffix}"
        if path.exists():
            path.touch()
            return Kept.KNOWN
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.NamedTemporaryFile(dir=self.folder, prefix=_PARTIAL, delete=False) as file:
            try:
                file.write(data)
                file.flush()
                Path(file.name).rename(path)
            except OSError:
                Path(file.name).unlink(missing_ok=True)
                raise
        return Kept.KEPT

    def trim(self) -> int:
        """Drop what is too old, and the oldest above the bound of bytes; return the bytes left."""
        files = sorted(self._files(), key=lambda each: -each[1])
        oldest_seconds, left = time.time() - self.keep_seconds, 0
        for path, used_at_seconds, size_bytes in files:
            if used_at_seconds < oldest_seconds or left + size_bytes > self.most_bytes:
                path.unlink(missing_ok=True)
            else:
                left += size_bytes
        return left

    def _files(self) -> list[tuple[Path, float, int]]:
        found: list[tuple[Path, float, int]] = []
        with suppress(FileNotFoundError), os.scandir(self.folder) as entries:
            for entry in entries:
                if not _OURS.fullmatch(entry.name):
                    continue
                with suppress(FileNotFoundError):  # another process trims
                    status = entry.stat(follow_symlinks=False)
                    found.append((Path(entry.path), status.st_mtime, status.st_size))
        return found


class PictureKeeper:
    """A bounded queue and one thread that writes pictures behind the replies.

    `on_outcome` gets what became of each. No failure reaches who adds.
    """

    def __init__(self, folder: PictureFolder, on_outcome: Callable[[Kept], None]) -> None:
        self._folder, self._on_outcome = folder, on_outcome
        self._writer = ThreadPoolExecutor(1, "feedback-pictures")
        self._lock = Lock()
        self._waiting_bytes = 0
        self._written_bytes = 0
        self._look_at_seconds = 0.0
        self._is_failing = False

    def add(self, sha256: str, suffix: str, data: bytes) -> None:
        """Queue a picture, or drop it; `suffix` is its format in small letters."""
        with self._lock:
            is_full = self._waiting_bytes + len(data) > MOST_WAITING_BYTES
            if not is_full:
                self._waiting_bytes += len(data)
                self._writer.submit(self._write, sha256, suffix, data)
        if is_full:
            self._on_outcome(Kept.DROPPED)

    def close(self) -> None:
        """Write what waits, and take no more."""
        self._writer.shutdown()

    def _write(self, sha256: str, suffix: str, data: bytes) -> None:
        try:
            outcome = self._folder.put(sha256, suffix, data)
            self._written_bytes += len(data) if outcome is Kept.KEPT else 0
            self._trim_at_times()
            self._is_failing = False
        except OSError as error:
            outcome = Kept.FAILED
            if not self._is_failing:
                _log.error("pictures of feedback are not kept: %s", error.strerror)
            self._is_failing = True
        finally:
            with self._lock:
                self._waiting_bytes -= len(data)
        self._on_outcome(outcome)

    def _trim_at_times(self) -> None:
        much = self._folder.most_bytes * _LOOK_AGAIN_SHARE
        if time.monotonic() >= self._look_at_seconds or self._written_bytes >= much:
            self._folder.trim()
            self._look_at_seconds = time.monotonic() + _LOOK_AGAIN_SECONDS
            self._written_bytes = 0
