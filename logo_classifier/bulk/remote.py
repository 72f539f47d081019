"""Reach what lies behind `s3://`, `gs://`, `https://` and the like, through fsspec."""

from __future__ import annotations

import importlib
import time
from collections.abc import Iterator
from typing import IO, Any

from logo_classifier import ImageNotFound, InvalidInput
from logo_classifier.bulk.refusals import BulkError

_TRIES = 3
_PAUSE_SECONDS = 0.5
_GONE = (404, 410)


def is_remote(name: str) -> bool:
    """Return whether a name is an address and no path."""
    return "://" in name


def open_remote(address: str) -> IO[bytes]:
    """Open a list or a table; raise BulkError if it is not there."""
    system, path = _system(address)
    try:
        opened: IO[bytes] = system.open(path, "rb")
    except _failures() as error:
        raise BulkError(f"{address} cannot be read: {_why(error)}") from error
    return opened


def list_remote(address: str, recursive: bool) -> Iterator[str]:
    """Yield the addresses below a folder, or those that a pattern fits.

    The listing of one folder is in memory at a time. Raises BulkError if there is none. Web servers
    have no way to list that all of them share, so they are refused.
    """
    system, path = _system(address)
    if address.startswith(("http://", "https://")):
        raise BulkError(f"{address}: a web server lists no folder; name a .txt of addresses")
    try:
        if "*" in path:
            yield from map(system.unstrip_protocol, sorted(system.glob(path)))
            return
        deepest = None if recursive else 1
        for place, _, files in system.walk(path, maxdepth=deepest, on_error="raise"):
            for name in files:
                yield system.unstrip_protocol(f"{place.rstrip('/')}/{name.rsplit('/', 1)[-1]}")
    except _failures() as error:
        raise BulkError(f"{address} cannot be listed: {_why(error)}") from error


def read_remote(address: str, most_bytes: int) -> bytes:
    """Return the bytes at an address, at most one more than `most_bytes`.

    What fails is tried three times. Raises ImageNotFound, or InvalidInput with the reason.
    """
    system, path = _system(address)
    for left in reversed(range(_TRIES)):
        try:
            with system.open(path, "rb", cache_type="none") as file:
                data: bytes = file.read(most_bytes + 1)
                return data
        except _failures() as error:
            if _is_missing(error):
                raise ImageNotFound(f"nothing at {address!r}") from error
            if not left:
                raise InvalidInput(f"cannot read {address!r}: {_why(error)}") from error
            time.sleep(_PAUSE_SECONDS)
    raise AssertionError("the last try returns or raises")


def _system(address: str) -> tuple[Any, str]:
    """Return the file system of an address and the path in it."""
    try:
        fsspec = importlib.import_module("fsspec.core")
        found: tuple[Any, str] = fsspec.url_to_fs(address, use_listings_cache=False)
    except (ImportError, ValueError) as error:  # fsspec, or what it needs for this protocol
        protocol = address.partition("://")[0]
        raise BulkError(
            f"{protocol}:// needs a package: pip install 'logo-classifier[remote]' ({error})"
        ) from error
    return found


def _failures() -> tuple[type[Exception], ...]:
    """Return what the clients that are installed raise for what they cannot reach."""
    known: list[type[Exception]] = [OSError, ValueError]
    for module, name in (("aiohttp", "ClientError"), ("botocore.exceptions", "BotoCoreError")):
        try:
            known.append(getattr(importlib.import_module(module), name))
        except ImportError:  # then it raises nothing either
            continue
    return tuple(known)


def _is_missing(error: Exception) -> bool:
    """Return whether a server said so; fsspec calls a server that it cannot reach missing, too."""
    cause = error.__cause__
    if not isinstance(error, FileNotFoundError):
        return False
    said = hasattr(cause, "response") or getattr(cause, "status", None) in _GONE
    return said or cause is None or isinstance(cause, FileNotFoundError)


def _why(error: Exception) -> str:
    cause = error.__cause__ or error
    return str(cause)[:300] or type(cause).__name__
