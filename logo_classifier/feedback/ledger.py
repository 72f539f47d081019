"""The ledger of live calibrations: what is in force, what was, and the way back."""

from __future__ import annotations

import fcntl
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from logo_classifier.feedback.live import BadCalibration, LiveCalibration

_FORMAT = 1

MOST_CHANGES = 1_000
"""Changes of one model that a file keeps; the oldest are dropped."""


class LedgerUnavailable(RuntimeError):
    """A ledger that cannot be read or written, or holds what is no live calibration."""


class NotInForce(ValueError):
    """A change of what is no longer, or not at all, in force."""


@dataclass(frozen=True, slots=True)
class Change:
    """What came into force at a Unix time in seconds; None is the version's own calibration."""

    calibration: LiveCalibration | None
    at: float


class CalibrationLedger(Protocol):
    """A ledger that the processes, or the machines, of a service share; `model` is name/version.

    Every call may raise LedgerUnavailable. Changes are appended, never rewritten, so that an undo
    can be seen too. A ledger may drop the oldest.
    """

    def current(self, model: str) -> LiveCalibration | None:
        """Return what is in force; cheap enough to be asked each second."""
        ...

    def put(self, calibration: LiveCalibration, at: float) -> None:
        """Bring a calibration into force; raise NotInForce if its parent is not in force."""
        ...

    def undo(self, model: str, at: float) -> LiveCalibration | None:
        """Bring the parent back into force and return it; raise NotInForce if there is none."""
        ...

    def history(self, model: str) -> tuple[Change, ...]:
        """Return all changes, oldest first."""
        ...


def require_parent_in_force(calibration: LiveCalibration, history: tuple[Change, ...]) -> None:
    """Raise NotInForce unless a calibration was made for what is in force by a history."""
    current = history[-1].calibration if history else None
    if calibration.parent != (current.id if current else None):
        raise NotInForce(
            f"it was made for {calibration.parent or 'the own calibration'}, and "
            f"{current.id if current else 'the own calibration'} is in force: propose anew"
        )


def undone(model: str, history: tuple[Change, ...]) -> LiveCalibration | None:
    """Return the parent of what is in force, None for the version's own calibration.

    Raises NotInForce if that is in force already.
    """
    current = history[-1].calibration if history else None
    if current is None:
        raise NotInForce(f"the own calibration of {model} is in force: nothing to undo")
    known = {each.calibration.id: each.calibration for each in history if each.calibration}
    return known.get(current.parent) if current.parent else None


class FileLedger:
    """A ledger in one file, for the processes of one machine.

    It is replaced as a whole, so a reader sees the old one or the new one. Writers take turns by a
    lock on a file beside it. Reading looks at the file's time and size, and reads it if they
    changed. It keeps MOST_CHANGES of a model; an undo whose parent was dropped goes back to the
    version's own calibration.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read: tuple[tuple[int, ...], dict[str, tuple[Change, ...]]] | None = None

    def current(self, model: str) -> LiveCalibration | None:
        """Return what is in force."""
        changes = self.history(model)
        return changes[-1].calibration if changes else None

    def history(self, model: str) -> tuple[Change, ...]:
        """Return all changes, oldest first."""
        return self._changes().get(model, ())

    def put(self, calibration: LiveCalibration, at: float) -> None:
        """Bring a calibration into force; raise NotInForce if its parent is not in force."""
        with self._turn():
            require_parent_in_force(calibration, self.history(calibration.model))
            self._append(calibration.model, Change(calibration, at))

    def undo(self, model: str, at: float) -> LiveCalibration | None:
        """Bring the parent back into force and return it; raise NotInForce if there is none."""
        with self._turn():
            parent = undone(model, self.history(model))
            self._append(model, Change(parent, at))
            return parent

    @contextmanager
    def _turn(self) -> Iterator[None]:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            lock = self._path.with_suffix(".lock").open("a")
        except OSError as error:
            raise LedgerUnavailable(f"the ledger cannot be written: {error.strerror}") from error
        with lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _append(self, model: str, change: Change) -> None:
        changes = dict(self._changes())
        changes[model] = (*changes.get(model, ()), change)[-MOST_CHANGES:]
        text = json.dumps(
            {
                "format": _FORMAT,
                "models": {
                    name: [_to_dict(each) for each in those] for name, those in changes.items()
                },
            }
        )
        try:
            _replace(self._path, text)
        except OSError as error:
            raise LedgerUnavailable(f"the ledger cannot be written: {error.strerror}") from error

    def _changes(self) -> dict[str, tuple[Change, ...]]:
        try:
            status = self._path.stat()
            mark = (status.st_mtime_ns, status.st_size, status.st_ino)
            known = self._read
            if known and known[0] == mark:
                return known[1]
            changes = _parse(self._path.read_bytes())
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise LedgerUnavailable(f"the ledger cannot be read: {error.strerror}") from error
        self._read = (mark, changes)
        return changes


def _replace(path: Path, text: str) -> None:
    """Replace a file by one that is whole on the disk, and so is its name in the folder."""
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    Path(file.name).replace(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _to_dict(change: Change) -> dict[str, Any]:
    calibration = change.calibration.to_dict() if change.calibration else None
    return {"calibration": calibration, "at": change.at}


def _parse(data: bytes) -> dict[str, tuple[Change, ...]]:
    """Return the changes of a ledger's file; raise LedgerUnavailable if it is damaged."""
    try:
        document = json.loads(data)
        if document["format"] != _FORMAT:
            raise LedgerUnavailable(f"the ledger has format {document['format']}, not {_FORMAT}")
        changes = {
            str(model): tuple(_change(str(model), each) for each in those)
            for model, those in document["models"].items()
        }
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise LedgerUnavailable(f"the ledger is damaged: {error}") from error
    return changes


def _change(model: str, data: Any) -> Change:
    found = data["calibration"]
    calibration = None if found is None else LiveCalibration.from_dict(found)
    if calibration and calibration.model != model:
        raise BadCalibration(f"{calibration.id} belongs to {calibration.model}, not to {model}")
    return Change(calibration, float(data["at"]))
